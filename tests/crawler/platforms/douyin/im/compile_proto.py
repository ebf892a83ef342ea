"""Makes the modules of `im.proto` anew: `python -m tests.crawler.platforms.douyin.im.compile_proto`."""

from pathlib import Path

import crawler.platforms.douyin.im as im

PLACE = Path(im.__file__).parent
MADE = ("im_pb2.py", "im_pb2.pyi")


def compile_proto(target: Path) -> None:
    # Takes a moment to load, so only where it is needed.
    from grpc_tools import protoc

    options = [f"-I{PLACE}", f"--python_out={target}", f"--pyi_out={target}", str(PLACE / "im.proto")]
    if protoc.main(["protoc", *options]):
        raise SystemExit("im.proto cannot be compiled")


if __name__ == "__main__":
    compile_proto(PLACE)
