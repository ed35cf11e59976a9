"""Encodes a name with a package of its environment."""

import json
import os

import idna

encoded = idna.encode(os.environ["BAIGONG_PARAM_NAME"]).decode()
print(f"{idna.__version__} says {encoded}")
with open(os.environ["BAIGONG_OUTPUT_FILE"], "w", encoding="utf-8") as file:
    json.dump({"encoded": encoded}, file)
