"""The reasons that come first: who is paid, what is not equal, what waits."""

from connector.reports.words.word import Word

WEIGHTY = {
    "payee_change": Word(
        "Who is paid differs",
        "The two sides credit different people; of a sale: the buyer, the sale and the "
        "code are not one partner's.",
        "One person under two e-mails: `check --aliases FILE` asks once for all their "
        "codes. Else `decide CODE --take partnero` or `tolt`; of a sale `decide ID "
        "--keep` accepts it, and it is never pushed.",
    ),
    "dead_here_live_there": Word(
        "Works on one side only",
        "Expired, used up or switched off on one side and live on the other: not "
        "equal.",
        "Switch it off where it lives, or accept it: `decide CODE --keep`.",
    ),
    "switched_off": Word(
        "Switched off on one side",
        "Expired, used up or switched off on one side and live on the other: not "
        "equal.",
        "Switch it off where it lives, or accept it: `decide CODE --keep`.",
    ),
    "wrong_unit": Word(
        "Perhaps the wrong unit",
        "Two amounts that differ by exactly the currency's power of ten (2500.00 and "
        "25.00).",
        "Correct the one that is wrong, or `decide CODE --take partnero` or `tolt`.",
    ),
    "missing_after_replace": Word(
        "Missing since a replace was refused",
        "A replace took a code away, and neither the new one nor the old one could be "
        "made.",
        "`decide CODE --as-proposed` makes it again, as it is shown.",
    ),
    "other_state": Word(
        "Another state has taken this programme",
        "The sentinel carries an earlier mark of another state: a second machine keeps "
        "this programme, or this one did before its state was lost.",
        "Stop the other one; then, on the one that goes on: `state claim`.",
    ),
    "collision": Word(
        "Several records claim one code",
        "Several records on one side have this text, or two renames cross: which one "
        "is meant cannot be told.",
        "Rename or delete on the platform; `decide CODE --keep` accepts it with these "
        "ids.",
    ),
    "common_root": Word(
        "Both sides get their sales from one billing system",
        "Sales of one side are found on the other without having been pushed: both get "
        "them from one billing system, and each push would pay twice.",
        "Push nothing; or set `policy.redemptions_since` to the day from which that is "
        "over.",
    ),
    "lookalike": Word(
        "Perhaps the same sale",
        "The target has a sale of the same buyer, amount and time, or a key that is "
        "equal but for case or blanks; or it had one, which nobody has judged.",
        "It is the same sale: `decide ID --keep`; it is another one: `decide ID "
        "--as-proposed`.",
    ),
    "redemption_twice": Word(
        "Redeemed twice under one key",
        "One key is there more than once.",
        "Look at both platforms whether it was paid twice; nothing is pushed.",
    ),
    "amount_differs": Word(
        "The amounts differ",
        "A sale has another amount on each side.",
        "Correct it on one side; nothing is sent again.",
    ),
    "amount_unread": Word(
        "The amount on Partnero is not known",
        "A sale is on both sides and Partnero has not told its amount.",
        "Nothing: it is asked for again in every run.",
    ),
    "refunded": Word(
        "Refunded after it was counted",
        "A sale was taken back on one side alone.",
        "Take it back on the other side too, or its commission stays.",
    ),
    "deleted_and_edited": Word(
        "Deleted on one side, edited on the other",
        "Deleted on one side and edited on the other since they last agreed.",
        "`decide CODE --take` the side that is right.",
    ),
    "gone_on_partnero": Word(
        "Gone on Partnero",
        "Deleted on Partnero, unchanged on Tolt; Partnero itself says that it is not "
        "there.",
        "`decide CODE --take` the side that is right: `partnero` deletes it on Tolt, "
        "`tolt` makes it anew.",
    ),
    "gone_on_tolt": Word(
        "Gone on Tolt",
        "Deleted on Tolt, unchanged on Partnero; Tolt itself says that it is not "
        "there.",
        "`decide CODE --take` the side that is right: `tolt` deletes it on Partnero, "
        "`partnero` makes it anew.",
    ),
    "reappeared": Word(
        "Was deleted and is back",
        "A code that was deleted is there again.",
        "`decide CODE --as-proposed`, `--keep` or `--delete`.",
    ),
    "both_changed": Word(
        "Both sides changed it",
        "Both sides changed the same field since they last agreed, to different "
        "values.",
        "`decide CODE --take partnero` or `tolt`; or a policy `conflicts` for the "
        "field.",
    ),
    "diverged": Word(
        "The sides differ",
        "The sides differ, and there is no common past that would say which one is "
        "right.",
        "`explain CODE`, then `decide CODE --take partnero` or `tolt`, or `decide CODE "
        "--keep`.",
    ),
    "replace_needed": Word(
        "Needs a new code in place of the old one",
        "The target cannot change this field: it takes a new code in place of the old "
        "one, whose counter and log are lost.",
        "`decide CODE --take partnero` or `tolt`; what is lost is said before.",
    ),
    "lossy": Word(
        "A restriction would be lost",
        "The code has an expiry, a limit or another restriction that Tolt cannot hold: "
        "there it would be without one.",
        '`decide CODE --as-proposed` for one, or `lossy = "auto"` in `[pairs.policy]`.',
    ),
    "looser_on_tolt": Word(
        "Not enforced on Tolt",
        "Partnero enforces a limit that Tolt does not; a line for each kind of limit.",
        "`decide CODE --keep`; it is asked again when the limit changes.",
    ),
    "dead": Word(
        "Expired, used up or switched off",
        "Expired, used up or switched off, and only on one side: not carried.",
        'Nothing, or policy `dead = "hold"`.',
    ),
    "limit_nearly_used": Word(
        "Nearly used up",
        "Nearly as many uses as Partnero allows; Tolt knows no such limit.",
        "A new code in time, or a higher limit on Partnero.",
    ),
    "renamed": Word(
        "Renamed",
        "The text of a code was changed on one side, and the other cannot follow by an "
        "update.",
        "`decide CODE --take` the side that is right.",
    ),
    "quarantined": Word(
        "Failed in several runs",
        "Failed in several runs; a payment: three runs over a day did not find it.",
        "Read `show RUN`; `decide ID --as-proposed` tries once more, `--keep` says "
        "that the sale is there.",
    ),
}
