"""The words about requests that came to nothing: which side, what was asked, how often.

"Tolt answered 503 to GET partners (5 tries)"
"""

from connector.engine.causes import requests as c
from connector.reports.messages.reader import says

_HINDERED = {
    "host_unknown": "the host {host} cannot be resolved",
    "refused": "{host} refuses the connection",
    "network": "{host} cannot be reached from this machine",
    "slow": "{host} did not take the connection in time",
    "proxy": "the proxy {host} does not let it through",
    "": "{host} cannot be reached",
}
_DOUBTS = {
    "swapped": "The two keys look swapped: one has the shape of the other product's.",
    "same": "Both sides are given the same key.",
    "foreign": "It has the shape of the other product's keys.",
    "fitting": "Both keys have the shape of their own product's.",
    "unknown": "",
}


@says
def _no_connection(cause: c.NoConnection) -> str:
    if cause.why == "tls":
        why = f"{cause.host} cannot be proven to be who it is (TLS)"
    else:
        why = _HINDERED[cause.why].format(host=cause.host or "its address")
    detail = f" ({cause.detail})" if cause.detail else ""
    sent = cause.sent
    return f"{sent.product}: no connection for {_asked(sent)}: {why}{detail}"


@says
def _no_answer(cause: c.NoAnswer) -> str:
    sent = cause.sent
    return f"{sent.product} gave no answer to {_asked(sent)}: {cause.detail}"


@says
def _unusable(cause: c.UnusableAnswer) -> str:
    sent = cause.sent
    return f"{sent.product} gave no usable answer to {_asked(sent)}: {cause.detail}"


@says
def _answered(cause: c.Answered) -> str:
    return _said(cause.sent, cause.status, cause.told)


@says
def _asked_to_wait(cause: c.AskedToWait) -> str:
    wait = ""
    if cause.pause is not None:
        wait = f" It asks for a pause of {cause.pause:.0f} seconds."
    answer = _said(cause.sent, cause.status, cause.told)
    return f"{answer}. Too many requests; the next run goes on.{wait}"


@says
def _key_refused(cause: c.KeyRefused) -> str:
    answer = _said(cause.sent, cause.status, cause.told)
    place = f" (from {cause.place})" if cause.place else ""
    if cause.status == 403:
        why = f"The key{place} is valid but not allowed to do this (its scope or plan)"
    else:
        why = f"The key was refused{place}"
    doubt = _DOUBTS[cause.doubt]
    return f"{answer}. {why}; this was not done.{' ' if doubt else ''}{doubt}"


@says
def _stopped_between(cause: c.StoppedBetween) -> str:
    with_ = "a web page" if cause.page else "no words of the product's own"
    answer = _said(cause.sent, cause.status, cause.told)
    return (
        f"{answer}, with {with_}: something in between (a firewall, a proxy) refuses "
        "this request. The key was not refused; whatever else was done stands."
    )


def _said(sent: c.Sent, status: int, told: str) -> str:
    told = f": {told.rstrip('.')}" if told else ""
    return f"{sent.product} answered {status} to {_asked(sent)}{told}"


def _asked(sent: c.Sent) -> str:
    tries = "1 try" if sent.tries == 1 else f"{sent.tries} tries"
    return f"{sent.method} {sent.path} ({tries})"
