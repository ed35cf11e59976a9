"""In-parameters come as variables and as JSON; what is printed becomes the task's log; exit code 0 means success."""

import json
import os
from pathlib import Path

given = json.loads(Path(os.environ["BAIGONG_PARAMS_FILE"]).read_text(encoding="utf-8"))
greeting = f"Hello, {given['who']}!"
print(greeting)

# Files in BAIGONG_ARTIFACTS are kept with the task.
Path(os.environ["BAIGONG_ARTIFACTS"], "greeting.txt").write_text(greeting, encoding="utf-8")

# Out-parameters are written as JSON.
Path(os.environ["BAIGONG_OUTPUT_FILE"]).write_text(json.dumps({"length": len(greeting)}), encoding="utf-8")
