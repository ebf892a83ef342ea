"""The platform's codes for faces and things, as characters."""

from __future__ import annotations

import re
from typing import Final

_GLYPHS: Final = {
    "微笑": "🙂", "爱慕": "😍", "惊呆": "😲", "可爱": "😊", "流泪": "😢", "大哭": "😭",
    "笑哭": "😂", "呲牙": "😁", "捂脸": "🤦", "发怒": "😡", "害羞": "☺️", "吐舌": "😛",
    "思考": "🤔", "偷笑": "🤭", "疑问": "❓", "可怜": "🥺", "赞": "👍", "强": "👍",
    "弱": "👎", "鼓掌": "👏", "握手": "🤝", "抱拳": "🙏", "祈祷": "🙏", "比心": "🫰",
    "加油": "💪", "心": "❤️", "爱心": "❤️", "心碎": "💔", "玫瑰": "🌹", "鲜花": "💐",
    "太阳": "☀️", "月亮": "🌙", "庆祝": "🎉", "礼物": "🎁", "蛋糕": "🎂", "红包": "🧧",
    "咖啡": "☕", "啤酒": "🍺", "OK": "👌", "胜利": "✌️", "666": "🤙", "送心": "🥰",
    "色": "😍", "亲亲": "😘", "飞吻": "😘", "酷": "😎", "晕": "😵", "汗": "😅",
    "尴尬": "😅", "睡": "😴", "再见": "👋", "泪奔": "😭",
}  # fmt: skip
_CODE: Final = re.compile(r"\[(\w{1,4})\]")


def with_glyphs(text: str) -> str:
    """A code that is not known stays as it is."""
    return _CODE.sub(lambda code: _GLYPHS.get(code[1], code[0]), text)
