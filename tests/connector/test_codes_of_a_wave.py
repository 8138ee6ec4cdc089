"""The file that names the codes of a wave, however it was written."""

import pytest

from connector.config.codes import read_codes
from connector.errors import Misconfigured


def test_a_line_is_a_code_and_a_comment_begins_a_line_or_follows_a_blank(tmp_path):
    path = tmp_path / "wave.txt"
    text = (
        "\ufeff# first\r\n SAM20 \r\n\r\nANNA10\t# hers\r\n#BEN\r\nTEN#10\r\nSAM20\r\n"
    )
    path.write_bytes(text.encode())

    assert read_codes(path) == ("SAM20", "ANNA10", "TEN#10")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"# nothing\n\n", "names no code", id="comments alone"),
        pytest.param("SAM20".encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param(b"S\xe4M20\n", "no UTF-8 text", id="Latin-1"),
    ],
)
def test_what_names_no_code_is_refused_with_its_file(tmp_path, content, why):
    path = tmp_path / "wave.txt"
    path.write_bytes(content)

    with pytest.raises(Misconfigured, match=rf"--codes .*wave\.txt.*{why}"):
        read_codes(path)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(Misconfigured, match="--codes"):
            read_codes(path)
