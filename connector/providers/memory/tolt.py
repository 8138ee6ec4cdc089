"""A Tolt programme in memory, as v1 or as v2: a code has an id, and one partner."""

from datetime import UTC, datetime

from connector.engine.acts import Want
from connector.errors import Rejected
from connector.providers.memory.client import Client
from connector.providers.memory.programme import Process, Programme, Tables
from mappings.canonical import (
    Carried,
    Partner,
    PromoCode,
    fold,
    fold_email,
)
from mappings.wire import Row


class MemoryTolt(Client):
    """Codes and partners of a Tolt programme."""

    def __init__(
        self,
        programme: Programme,
        process: Process | None = None,
        version: str = "v2",
    ) -> None:
        super().__init__(programme, process or Process())
        self.version = version

    # -- looking --------------------------------------------------------------------

    def get(self, id_: str) -> PromoCode | None:
        return self.tables("get").codes.get(id_)

    def find(self, code: str) -> list[PromoCode]:
        return named(self.tables("find"), code)

    def copy(self, id_: str) -> Row | None:
        code = self.tables("copy").codes.get(id_)
        if code is None:
            return None
        owner, discount = code.values.partner, str(code.values.discount)
        return {"id": id_, "code": code.written, "partner": owner, "value": discount}

    def changed(self, since: str | None) -> tuple[bool, datetime]:
        """It does not know when its records changed: anything may have."""
        tables = self.tables("changed")
        del since
        return bool(tables.codes or tables.partners), datetime.now(UTC)

    # -- writing --------------------------------------------------------------------

    def create(self, want: Want, partner: Partner | None, kept: Row) -> str | None:
        del kept  # Tolt holds nothing beyond what is wanted
        if want.discount is None or partner is None:
            raise Rejected("Tolt needs a discount and a partner", status=400)
        id_, owner = self.programme.new_id("promo"), partner.id
        values = want.values._replace(code=fold(want.written), partner=owner)

        def effect(tables: Tables) -> str:
            if owner not in tables.partners:
                raise self.programme.refusal(400, "partner_id: does not exist")
            self._check_text(tables, owner, want.written, "")
            tables.codes[id_] = PromoCode(id_, want.written.strip(), values, Carried())
            return id_

        return self.send("create", effect)

    def update(self, id_: str, want: Want, partner: Partner | None) -> None:
        del partner  # a code cannot change its partner here

        def effect(tables: Tables) -> None:
            code = tables.codes.get(id_)
            if code is None:
                raise self.programme.refusal(404, "not found", "not_found")
            if "discount" in want.fields:
                code = code._replace(
                    values=code.values._replace(discount=want.discount)
                )
            if "code" in want.fields and self.version == "v2":  # v1 ignores a text
                self._check_text(tables, code.values.partner, want.written, id_)
                values = code.values._replace(code=fold(want.written))
                code = code._replace(written=want.written.strip(), values=values)
            tables.codes[id_] = code

        self.send("update", effect)

    def delete(self, code: PromoCode) -> None:
        def effect(tables: Tables) -> None:
            tables.codes.pop(code.id, None)  # already gone is as good as deleted

        self.send("delete", effect)

    def create_partner(self, email: str, name: str) -> str | None:
        id_ = self.programme.new_id("part")

        def effect(tables: Tables) -> str:
            people = tables.partners.values()
            if any(
                fold_email(partner.email or "") == fold_email(email)
                for partner in people
            ):
                raise self.programme.refusal(409, "email: exists", "already_exists")
            tables.partners[id_] = Partner(id_, email, name)
            return id_

        return self.send("create_partner", effect)

    def _check_text(
        self, tables: Tables, owner: str | None, text: str, but: str
    ) -> None:
        """A partner cannot have the same text twice."""
        twins = named(tables, text)
        if any(code.values.partner == owner and code.id != but for code in twins):
            raise self.programme.refusal(409, "code: exists", "already_exists")


def named(tables: Tables, text: str) -> list[PromoCode]:
    """Return all codes with this text, letter case aside: each partner may have one."""
    wanted = fold(text)
    return [code for code in tables.codes.values() if code.values.code == wanted]
