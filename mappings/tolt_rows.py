"""The rows of Tolt's listings, v1 and v2: the members that its documentation names.

Facts: docs.tolt.com, promotion-codes (v1), api-reference/promotioncodes (v2), partners.
"""

from msgspec import UNSET

from mappings.shapes import Shape
from mappings.wire import Json

NEEDED_FIELDS = frozenset(("type", "value", "partner_id"))


class CodeRow(Shape, gc=False):
    """A promotion code, in the order in which its members come."""

    id: Json = None
    code: Json = None
    type: Json = UNSET
    value: Json = UNSET
    duration: Json = None
    duration_in_months: Json = None
    active: Json = None
    partner_id: Json = UNSET
    program_id: Json = None
    created_at: Json = None


class PartnerRow(Shape, gc=False):
    """A partner."""

    id: Json = None
    email: Json = None
    first_name: Json = None
    last_name: Json = None
    status: Json = None
    program_id: Json = None


CODE_FIELDS = frozenset(CodeRow.__struct_fields__) | frozenset(
    "entity_type external_id group_id organization_id updated_at partner "
    "program".split()
)
