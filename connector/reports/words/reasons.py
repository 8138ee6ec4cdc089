"""The reasons of changes and the kinds of findings, in the order of every report.

First who is paid, then what cannot be taken back, then which value is right, then the
rest: what stands in the way, and what is good to know.
"""

from connector.reports.words.weighty import WEIGHTY
from connector.reports.words.word import Word

REASONS = WEIGHTY | {
    "partner_missing": Word(
        "Partner not found on the other side",
        "The partner is not on the other side.",
        "Create them there, or name them in the alias file: `check --aliases FILE` "
        "writes its questions, one a person.",
    ),
    "partner_ambiguous": Word(
        "Partner not certain",
        "One e-mail, several partners, or lines of the alias file that contradict each "
        "other.",
        "Name the right one by id in the alias file, in one line.",
    ),
    "partner_inactive": Word(
        "Partner not active",
        "The partner is suspended, rejected, archived or deleted on one side.",
        "Look at the platform; a partner who is active again gets the code with the "
        "next run.",
    ),
    "rematched": Word(
        "Matched anew by the alias file",
        "The alias file, or a partner who is back under a new id, has ended an older "
        "match.",
        "Look at the codes that are named: who is paid for them may differ now, and "
        "waits for you.",
    ),
    "alias_conflict": Word(
        "The alias file contradicts itself",
        "Two lines of the alias file claim one partner: they match nobody.",
        "Leave one line for each partner.",
    ),
    "customer_differs": Word(
        "Two customers under one number",
        "One customer number, two e-mails: two people.",
        "Correct the number on one side.",
    ),
    "customer_ambiguous": Word(
        "Several customers with one e-mail",
        "The target has several customers with the buyer's e-mail, and no number tells "
        "which.",
        "Merge them there, or give the buyer one number on both sides.",
    ),
    "customer_missing": Word(
        "The customer is not there",
        "The buyer is not on the target, or not any more.",
        "`create_customers = true`, or create them there.",
    ),
    "customer_on_other_code": Word(
        "The customer came by another code",
        "Tolt knows the buyer by another code, which gets the credit.",
        "Nothing is pushed; `decide ID --keep` accepts it.",
    ),
    "push_blocked": Word(
        "Sales of these codes are not pushed",
        "Codes whose sales cannot be pushed, or came from there; each with the reason.",
        "Mend what the line names.",
    ),
    "commissions_needed": Word(
        "Not pushed without commissions",
        "Tolt pays a commission for each sale that is pushed.",
        "`commissions = true` if that is wanted.",
    ),
    "currency_differs": Word(
        "Another currency",
        "A sale in another currency than the programme's.",
        "Nothing: it is not pushed. `decide ID --keep` accepts it by name.",
    ),
    "alias_unknown": Word(
        "The alias file names nobody",
        "A line of the alias file names nobody.",
        "Correct the line.",
    ),
    "currency_unknown": Word(
        "Currency not known",
        "A fixed amount, and no `currency` in the configuration.",
        "Set `currency` of the pair.",
    ),
    "not_expressible": Word(
        "The other side cannot hold it",
        "The target refuses the text or the discount.",
        "Choose another text.",
    ),
    "changed_on_partnero": Word(
        "Changed on Partnero",
        "One side was edited.",
        "Nothing: the next run carries it over.",
    ),
    "changed_on_tolt": Word(
        "Changed on Tolt",
        "One side was edited.",
        "Nothing: the next run carries it over.",
    ),
    "only_on_partnero": Word(
        "Only on Partnero",
        "A code that the other side does not have.",
        "Nothing: it is made by the next run, unless the line says why not.",
    ),
    "only_on_tolt": Word(
        "Only on Tolt",
        "A code that the other side does not have.",
        "Nothing: it is made by the next run, unless the line says why not.",
    ),
    "coupon_missing": Word(
        "Needs a coupon first",
        "A new code needs a coupon of its discount on Partnero.",
        "Nothing: it is made with the code.",
    ),
    "decided": Word(
        "Decided by a person",
        "It follows a decision.",
        "Nothing; `decide CODE --withdraw` takes it back.",
    ),
    "decision_waits": Word(
        "Decided, and not possible now",
        "A decision fits nothing that may be done now, or was made under the other "
        "version of Tolt's API, and nobody can tell whether it is about the same.",
        "Change the policy or the direction, decide anew, or `decide CODE --withdraw`.",
    ),
    "sentinel": Word(
        "Never deleted from here",
        "A change would take away the code that `limits.sentinel` names.",
        "Name another code in `limits.sentinel` first.",
    ),
    "version_switched": Word(
        "Another version of Tolt's API",
        "`api_version` of Tolt was changed: ids are others, and what cannot be found "
        "by its text is not certain.",
        "Run `sync` once: it writes nothing and finds out who is who. The next one "
        "goes on; for what stays uncertain, run once with the version before.",
    ),
    "no_sentinel": Word(
        "Nothing prevents a second machine",
        "Sales are pushed, and nothing prevents a second machine from doing so too.",
        "Name a code that is always there in `limits.sentinel`.",
    ),
    "redemption_without_key": Word(
        "Redeemed without a key",
        "Uses that name no sale.",
        "Nothing: they cannot be compared, and are never pushed.",
    ),
    "redemption_counter": Word(
        "More counted than logged",
        "Partnero's billing integration counts uses that it does not log.",
        "Nothing: what is compared is the log.",
    ),
    "redemption_code_unseen": Word(
        "Sales whose code is not told",
        "Tolt v1 does not tell the code of some sales.",
        "Nothing; they are not compared.",
    ),
    "log_shrank": Word(
        "The log of redemptions is shorter than it was",
        "A log lost entries that were there before.",
        "Nothing: they are remembered, and still count.",
    ),
    "undo": Word(
        "Takes back what a run did",
        "What `undo` would take back.",
        "Read it; then `apply FILE --accept ID` for each.",
    ),
    "not_undoable": Word(
        "Cannot be taken back",
        "What a run did and nobody can take back: a payment, a coupon, a history that "
        "a replace ended.",
        "Mend it by hand on the platform.",
    ),
    "state_unreadable": Word(
        "Not readable in the state",
        "A row of the state cannot be read.",
        "`state check`; that code is left alone until then.",
    ),
    "unproven": Word(
        "Not certain",
        "Something that decides is not known: a side that was not read completely, a "
        "code on Tolt that may be a renamed one of the other API version, an answer "
        'that is neither the record nor the product\'s own "not found", a sale that '
        "does not say whether it was refunded, a customer of Tolt v1 without the code "
        "that brought them, a partner's name that is no one's id or key, an id that no "
        "address can hold (`..`, a slash).",
        "Mostly nothing: it is asked again in each run, and nothing that rests on it "
        "is written. If it is another code than the renamed one: "
        "`decide CODE --as-proposed`.",
    ),
    "stale": Word(
        "Changed since the plan was made",
        "Right before the write, one of both sides was no longer as the plan had seen "
        "it; or, of a replace, it could not be proven that the old code could be put "
        "back.",
        "Nothing was sent. The next run plans from what it sees; `show RUN` names the "
        "field and what it is now.",
    ),
    "not_in_this_wave": Word(
        "Not in this wave",
        "Codes that the wave of a migration leaves as they are.",
        "Nothing: another wave carries them, or the rest at the end.",
    ),
    "spelling": Word(
        "Written in two ways",
        "One code, written in two ways.",
        "Nothing: letter case and blanks make no two codes.",
    ),
    "unknown_field": Word(
        "The API says more than is known here",
        "A product sends more than this version knows.",
        "Nothing: it is ignored. Its changelog says what it is.",
    ),
    "missing_field": Word(
        "The API says less than it did",
        "A product no longer sends something that it did.",
        "Nothing: what is missing decides nothing. Its changelog says why.",
    ),
    "unreadable": Word(
        "A record that cannot be understood",
        "One row of a listing cannot be understood (an amount `12,5`, no text, a date "
        "of the year 10,000); it is named by its id or its place.",
        "Look at it on the platform. Nothing is done about that record, which counts "
        "as neither gone nor changed; a bad coupon hides its codes in the same way. "
        "All others go on.",
    ),
    "api_retired": Word(
        "This version of the API ends",
        "The product says that this version of its API ends.",
        "Change `api_version` in time.",
    ),
    "limit_changed": Word(
        "The provider allows fewer requests",
        "The product allows fewer requests than configured.",
        "Lower `requests_per_second`.",
    ),
    "gone_on_both": Word(
        "Gone on both sides",
        "Deleted on both sides.",
        "Nothing: it is only remembered.",
    ),
    "unknown_code": Word(
        "Not found on either side",
        "A code that was named for a wave of a migration is on neither side.",
        "Correct the file of `migrate --codes`, and type the wave once more.",
    ),
    "equal": Word(
        "Agrees on both sides",
        "Both sides are equal, and were not yet remembered as one.",
        "Nothing: it is only remembered.",
    ),
}
