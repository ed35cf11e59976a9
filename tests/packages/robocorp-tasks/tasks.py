"""Work items from one queue to another, a vault secret, an asset."""

import csv
from pathlib import Path

from robocorp import log, storage, vault, workitems
from robocorp.tasks import get_output_dir, task


@task
def produce():
    """Makes an order of each line of the input's file."""
    for item in workitems.inputs:
        path = item.get_file("orders.csv", Path("orders-in.csv"))
        for row in read_orders(path):
            note = Path(f"{row['code']}.txt")
            note.write_text(f"order {row['code']} 估值\n", encoding="utf-8")
            workitems.outputs.create(payload=row, files=note)
        log.info(f"made {len(workitems.outputs)} orders")


def read_orders(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


@task
def consume():
    """Books the orders; one has no amount, one breaks."""
    for item in workitems.inputs:
        try:
            book(item)
            item.done()
        except KeyError as error:
            item.fail(exception_type="BUSINESS", code="NO_AMOUNT", message=f"no {error}")
        except ZeroDivisionError as error:
            item.fail(exception_type="APPLICATION", code="BROKEN", message=str(error))


def book(item):
    text = item.get_file(f"{item.payload['code']}.txt").read_text(encoding="utf-8")
    amount = int(item.payload["amount"])
    print(f"booked {text.strip()} {1000 // amount}")
    item.payload["booked"] = True
    item.save()


@task
def secrets():
    """Fetches what must not be shown, and shows it."""
    account = vault.get_secret("broker")
    print(f"signed in as {account['username']} with {account['password']}")
    token = vault.get_secret("service")
    log.info(f"the token is {token['token']}")
    print(f"limits {storage.get_json('limits')['daily']}, text {storage.get_text('greeting')}")
    try:
        vault.get_secret("nobody")
    except Exception as error:
        print(f"missing: {error}")
    (get_output_dir() / "account.txt").write_text(account["username"])
