"""How a run, a write and the program end, and why a run is not complete."""

from connector.reports.words.word import Word

NOTHING_TO_DO = "Nothing."
EACH_RUN = (
    "Nothing: each run tries again. If it stays, look at the product's own status."
)
STATUSES = {
    "complete": Word("complete", "All that was ready is done.", NOTHING_TO_DO),
    "partial": Word(
        "partial",
        "Something failed, is stale or uncertain, or a side was not read completely.",
        "Nothing rests on what was not read. `show RUN` names each item.",
    ),
    "refused": Word(
        "refused",
        "It was refused, to be safe, before the first write.",
        "What the line of the refusal says.",
    ),
    "failed": Word(
        "failed",
        "The run could not go on: the line says why, where, and how often it tried.",
        "What the line says; what was begun is settled by the next run.",
    ),
    "interrupted": Word(
        "interrupted",
        "A signal asked for the end, or the process was killed.",
        "Run it again: the next run resumes.",
    ),
    "locked": Word(
        "locked",
        "Another run holds the pair, or the state's database is in use.",
        "Wait, or end the other run. A killed one lets go at once, or within a minute.",
    ),
    "declined": Word("declined", "A person said no.", NOTHING_TO_DO),
}
OUTCOMES = {
    "confirmed": Word("confirmed", "It was sent, and is seen there.", NOTHING_TO_DO),
    "adopted": Word(
        "adopted", "It was there already: nothing was sent.", NOTHING_TO_DO
    ),
    "failed": Word(
        "failed",
        "It was surely not done.",
        "The next run tries again; after several it waits for a person.",
    ),
    "uncertain": Word(
        "uncertain",
        "It was sent, and what became of it cannot be seen yet.",
        "The next run looks before anything is sent again.",
    ),
    "stale": Word(
        "stale",
        "A side was no longer as the plan had seen it.",
        "Nothing was sent. The next run plans from what it sees.",
    ),
    "quarantined": Word(
        "quarantined",
        "It failed in several runs, or a payment was not found for a day.",
        "`show RUN`; then `decide ID --as-proposed` or `--keep`.",
    ),
    "skipped": Word(
        "skipped",
        "Something that it needs was not done, or nobody has decided about it.",
        "What its detail says.",
    ),
}
TROUBLES = {
    "host_unknown": Word(
        "host unknown",
        "The name in `base_url`, or the proxy's, has no address.",
        "A typing mistake, or this machine's network or DNS.",
    ),
    "no_connection": Word(
        "no connection",
        "Nobody takes the connection, or a firewall is between.",
        EACH_RUN,
    ),
    "tls": Word(
        "no proof of who it is",
        "The product's certificate cannot be proven.",
        "Behind a proxy that opens TLS: name its certificates in `SSL_CERT_FILE`.",
    ),
    "timeout": Word(
        "no answer in time", "A request took more than 60 seconds.", EACH_RUN
    ),
    "server_error": Word("server error", "The product answers 5xx.", EACH_RUN),
    "bad_answer": Word(
        "bad answer", "The product answers what cannot be used.", EACH_RUN
    ),
    "throttled": Word(
        "throttled",
        "The product asks for a longer pause than a run may take.",
        "Lower `requests_per_second`, or the number of programs that use the key.",
    ),
    "key_refused": Word(
        "key refused",
        "The product answers 401.",
        "The line names the variable or file: put the right key there.",
    ),
    "key_not_allowed": Word(
        "key not allowed",
        "The product answers 403: the key is right, and may not do this.",
        "Its scope, or the plan of the account.",
    ),
    "configuration": Word(
        "configuration",
        "The configuration cannot work as it is.",
        "`check` names all that is wrong, with its line.",
    ),
    "memory": Word(
        "memory",
        "The memory that the program may have is used up.",
        "Give it more: [deployment.md](deployment.md) says how much it needs.",
    ),
    "bug": Word(
        "a bug",
        "Something that nobody expected.",
        "Report the line; `--log-level debug` shows more.",
    ),
    "state": Word(
        "state", "The state's database cannot be used.", "`state check` says why."
    ),
    "state_busy": Word(
        "state in use",
        "Another process has kept the database locked for ten seconds.",
        "Leave it where it is, and try again.",
    ),
    "other_run": Word(
        "another run", "Another run holds the pair.", "Wait for it, or end it."
    ),
    "stopped": Word(
        "stopped", "A signal asked for the end.", "Nothing: the next run resumes."
    ),
    "cut_off": Word(
        "cut off",
        "The run was ended in the middle, or still goes on.",
        "Nothing: the next run settles what it began.",
    ),
    "too_long": Word(
        "took too long",
        "A pass of a fleet took longer than `fleet.timeout`; it ended between writes.",
        "Nothing: the next pass goes on. Else a longer `timeout` in [fleet].",
    ),
    "declined": Word("declined", "A person said no.", NOTHING_TO_DO),
    "items": Word(
        "items",
        "Some changes failed, are stale, or were skipped; the first one is named.",
        "`show RUN` names each.",
    ),
    "not_found": Word(
        "not found",
        "Something that was named for a wave is on neither side.",
        "Correct the file or the name, and type the wave once more.",
    ),
    "version_switched": Word(
        "version switched",
        "The first run under another version of Tolt's API: it only reads.",
        "Run `sync` once more.",
    ),
    "stale": Word(
        "stale",
        "The last verified success is older than it may be.",
        "`status` says since when, and why.",
    ),
    "silent": Word(
        "silent",
        "The job has begun no run of this pair for too long.",
        "Look at the process: its log, and `/healthz`.",
    ),
    "other": Word("other", "None of these.", "What the line says."),
}
EXITS = {
    0: Word(
        "done",
        "The run is complete; what waits or cannot be done is in the report.",
        NOTHING_TO_DO,
    ),
    1: Word(
        "failed",
        "The run could not go on (network, key, product, disk), or a person said no.",
        "The line that says `failed`.",
    ),
    2: Word(
        "usage, configuration",
        "The command or the configuration cannot work. Nothing was read or written.",
        "`check`, or the command with `--help`.",
    ),
    3: Word(
        "something to do, open exceptions",
        "With `--exit-code`, something is ready, waits or is blocked; of `verify`, an "
        "exception that nobody accepted.",
        "Read the report; `inbox`.",
    ),
    4: Word(
        "partial",
        "Some items failed, are stale or uncertain, or a side was not read completely.",
        "Nothing rests on what was not read. The next run goes on; `show RUN`.",
    ),
    5: Word(
        "refused, to be safe",
        "Nothing was written.",
        "The line of the refusal names the numbers and what to type.",
    ),
    6: Word(
        "another run holds the pair",
        "Another run, or another process that uses the state.",
        "Try again; what is killed lets go at once, or within a minute.",
    ),
    130: Word("interrupted", "Ctrl-C.", "Nothing: the next run resumes."),
    143: Word("terminated", "SIGTERM.", "Nothing: the next run resumes."),
}
"""Another code is a worker's of a fleet, or the shell's."""
