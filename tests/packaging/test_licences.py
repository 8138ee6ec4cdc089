"""The list of licences has a row for each package of an SBOM."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("licences", ROOT / "tools/licences.py")
licences = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(licences)


def test_each_package_is_a_row_with_what_it_says_of_its_licence():
    sbom = {
        "components": [
            {"name": "b", "version": "2", "licenses": [{"license": {"id": "MIT"}}]},
            {"name": "a", "version": "1", "licenses": [{"expression": "MIT OR BSD"}]},
            {
                "name": "c",
                "version": "3",
                "licenses": [{"license": {"name": "BSD\n\nCopyright (c) ..."}}],
            },
            {"name": "d", "version": "4"},
            {
                "name": "E",
                "version": "5",
                "licenses": [
                    {"license": {"name": "License :: OSI Approved :: BSD License"}}
                ],
            },
            {
                "name": "f",
                "version": "6",
                "licenses": [
                    {"license": {"id": "MPL-2.0"}},
                    {"license": {"name": "License :: OSI Approved :: MPL"}},
                ],
            },
        ]
    }

    rows = licences.table(sbom).splitlines()[-6:]

    assert rows == [
        "| a | 1 | MIT OR BSD |",
        "| b | 2 | MIT |",
        "| c | 3 | BSD |",
        "| d | 4 | not told |",
        "| E | 5 | BSD License |",
        "| f | 6 | MPL-2.0 |",
    ]


LOCK = """\
b==2 \\
    --hash=sha256:00
    # via a
a-b[binary]==1.0 ; python_version >= '3' \\
    --hash=sha256:00
colorama==9 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""


def test_an_sbom_names_what_the_lock_does_and_nothing_else():
    named = [{"name": "b", "version": "2"}, {"name": "A_B", "version": "1.0"}]

    assert licences.unlike({"components": named}, LOCK) == []
    assert licences.unlike({"components": named[1:]}, LOCK) == ["b==2"]
    pip = {"name": "pip", "version": "23"}
    assert licences.unlike({"components": [*named, pip]}, LOCK) == ["pip==23"]
