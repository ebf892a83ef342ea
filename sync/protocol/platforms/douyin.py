"""Douyin as the hub and its clients know it. crawler/platforms/douyin/ reads it."""

from __future__ import annotations

from typing import Final

from sync.protocol.platforms.descriptor import Platform, PlatformPage

_EMOJI: Final = {
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

DOUYIN: Final = Platform(
    name="douyin",
    labels={"en": "Douyin", "zh-hans": "抖音"},
    addresses={
        "creator_url": "https://creator.douyin.com",
        "www_url": "https://www.douyin.com",
        "im_url": "https://imapi.douyin.com",
    },
    site="www_url",
    config_keys=(
        "pace",
        "patience",
        "page_s",
        "max_works",
        "read_notices",
        "read_history",
        "answer_s",
        "reload_s",
        "check_s",
        "evidence_s",
        "window_s",
        "login_timeout_s",
        "qr_load_s",
        "qr_life_s",
        "qr_refreshes",
    ),
    person_page=PlatformPage(r"MS4wLjAB[\w-]+", "/user/{id}"),
    work_page=PlatformPage(r"\d+", "/video/{id}"),
    media_hosts=("*.douyinpic.com", "*.byteimg.com"),
    emoji=_EMOJI,
)
