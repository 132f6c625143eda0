"""Makes the peer's database: one person, and as many sheets as asked for out of a report document.

fill.py DOCUMENT COUNT, with the settings' variables and PEER_PASSWORD in the environment."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from sheets.models import Department, Sheet, State  # noqa: E402

FIRST = datetime(2026, 3, 2, tzinfo=UTC)


def main(document: Path, count: int) -> None:
    call_command("migrate", "--run-syncdb", verbosity=0)
    User.objects.create_user("clerk", password=os.environ["PEER_PASSWORD"], last_name="行政経営課 担当者")
    measures = json.loads(document.read_text(encoding="utf-8"))["sheets"]
    states = cycle(State.values)
    for number, measure in enumerate(islice(cycle(measures), count), start=1):
        department, _ = Department.objects.get_or_create(name=measure["lead_departments"][0])
        response = measure["responses"][0] if measure["responses"] else {}
        Sheet.objects.create(
            reference=f"{number:03}",
            title=measure["path"][-1]["title"],
            department=department,
            start=State.FIXED,
            midterm=State.RECEIVED,
            yearend=next(states),
            rating=response.get("rating") or "",
            updated=FIRST + timedelta(hours=7 * number),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
