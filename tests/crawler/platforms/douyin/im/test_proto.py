from pathlib import Path

from tests.crawler.platforms.douyin.im.compile_proto import MADE, PLACE, compile_proto


def test_the_generated_module_belongs_to_the_proto(tmp_path: Path) -> None:
    compile_proto(tmp_path)
    for name in MADE:
        assert (PLACE / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), name
