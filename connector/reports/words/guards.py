"""The guards: why a run is refused before its first write."""

from connector.reports.words.word import Word

GUARDS = {
    "empty_side": Word(
        "one side shows no code",
        "A side that had codes lists none.",
        "Look at the platform; if they are gone: `decide CODE --delete` for each.",
    ),
    "short_listing": Word(
        "many codes are missing",
        "A side lists far fewer codes than last time.",
        "Look at the platform; if they are gone: `decide CODE --delete` for each.",
    ),
    "too_many_creates": Word(
        "too many new codes at once",
        "The plan would make more codes in one run than `[pairs.limits]` allows.",
        "Read the plan; raise the limit, or accept by name: `plan --out plan.json`, "
        "then `apply plan.json --accept ID`.",
    ),
    "too_many_updates": Word(
        "too many changes at once",
        "The plan would change more codes in one run than `[pairs.limits]` allows.",
        "Read the plan; raise the limit, or accept by name: `plan --out plan.json`, "
        "then `apply plan.json --accept ID`.",
    ),
    "too_many_deletes": Word(
        "too many deletions at once",
        "The plan would delete more codes in one run than `[pairs.limits]` allows.",
        "Read the plan; raise the limit, or accept by name: `plan --out plan.json`, "
        "then `apply plan.json --accept ID`.",
    ),
    "everything_changed": Word(
        "every code changed at once",
        "Every linked code changed at once, from ten codes up: another unit, or "
        "another programme.",
        "`explain CODE` for one of them; then correct the configuration.",
    ),
    "other_account": Word(
        "another programme answers",
        "The key opens another programme than the one that this state knows.",
        "Use the right key, or give the other programme a pair and a state of its own.",
    ),
    "same_program": Word(
        "two pairs share one programme",
        "Two pairs share a programme: each would undo what the other does.",
        "Remove one of them from the configuration.",
    ),
    "sentinel_missing": Word(
        "the code that must be there is missing",
        "The code named in `limits.sentinel` is not listed.",
        "`check`: is it the right programme?",
    ),
    "other_state": Word(
        "another machine keeps this programme",
        "Another state has left its mark on the sentinel: a second machine, or this "
        "one before its state was lost.",
        "Stop the other one; then, on the one that goes on: `state claim`.",
    ),
    "strangers": Word(
        "the codes of another programme",
        "Ten known codes and more, at least half of them, are not listed, and as many "
        "unknown ones stand in their place.",
        "`check`: is it the right programme? If they really are gone: `decide CODE "
        "--delete` for each.",
    ),
    "plan_edited": Word(
        "the plan was edited",
        "A saved plan was changed by hand.",
        "Make a new one: `plan --out FILE`.",
    ),
    "plan_expired": Word(
        "the plan is too old",
        "A saved plan is older than a day.",
        "Make a new one: `plan --out FILE`.",
    ),
    "plan_foreign": Word(
        "the plan was made for something else",
        "A saved plan was made under another configuration, another pair or another "
        "state.",
        "Make a new one: `plan --out FILE`.",
    ),
}
"""Why a run was refused, as people say it."""
