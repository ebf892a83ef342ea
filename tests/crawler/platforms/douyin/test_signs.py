"""What a page says of our login: several signs, told apart in a real browser."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from crawler.errors import CheckAsked, Kicked, LoginLost
from crawler.platforms.douyin.visit import raise_of_signs, read_signs
from tests.browsers import running_async_browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

OWNER = '<div class="container-x">抖音号：alpha2025</div><div id="header-avatar" style="width:9px;height:9px"></div>'
FRAME = '<iframe src="about:blank#rmc.bytedance.com/verifycenter/captcha" style="{}"></iframe>'
MICRO_APP = '<wujie-app><template shadowrootmode="open">{}</template></wujie-app>'
CHAT = "<p>验证码发我一下，请稍后再试，一键登录怎么用</p><p>安全验证</p>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with running_async_browser() as browser:
        yield await browser.new_page()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (OWNER + CHAT, None),
        (OWNER + FRAME.format("display:none"), None),
        (OWNER + FRAME.format("width:0;height:0;border:0"), None),
        (OWNER + FRAME.format("width:300px;height:300px;visibility:hidden"), None),
        (OWNER + FRAME.format("width:300px;height:300px;position:absolute;left:-999px"), None),
        (OWNER + FRAME.format("width:300px;height:300px;opacity:0"), None),
        (OWNER + FRAME.format("width:300px;height:300px"), CheckAsked),
        (OWNER + '<div id="captcha_container" style="width:300px;height:200px">拖动滑块</div>', CheckAsked),
        ("<div><p>登录已失效</p><button>一键登录</button></div>", Kicked),
        (OWNER + MICRO_APP.format("<button>一键登录</button>"), Kicked),
        (OWNER + MICRO_APP.format('<div id="captcha_container" style="width:300px;height:200px"></div>'), CheckAsked),
        (OWNER + MICRO_APP.format(CHAT), None),
        ("<p>扫码登录</p><p>验证码登录</p><p>密码登录</p>", LoginLost),
        ("<p>扫码登录</p><p>验证码登录</p>", None),
    ],
)
async def test_a_check_a_kick_and_a_lost_login_are_told_apart(page: Page, body: str, error: Any) -> None:
    await page.set_content(body)
    signs = await read_signs(page)
    if error is None:
        raise_of_signs(signs, page.url)
        assert signs.logged_in == (OWNER in body)
    else:
        with pytest.raises(error) as caught:
            raise_of_signs(signs, page.url)
        assert type(caught.value) is error
        assert not signs.logged_in


@pytest.mark.parametrize(
    ("path", "is_login"),
    [
        ("/login", True),
        ("/pc/auth/login/", True),
        ("/passport/web/get_qrcode", True),
        ("/for/login/creator/creator-micro/home", False),
        ("/creator-micro/login-courses", False),
        ("/for/passport/www/chat", False),
        ("/video/how-to-login?from=/login", False),
        ("/user/mylogin", False),
    ],
)
async def test_only_the_path_of_a_login_page_is_a_sign(page: Page, path: str, is_login: bool) -> None:
    await page.route(
        "**/*",
        lambda route: route.fulfill(body="<p>扫码登录</p><p>密码登录</p>", content_type="text/html; charset=utf-8"),
    )
    await page.goto(f"https://platform.test{path}")
    signs = await read_signs(page)
    assert ("address" in signs.out, signs.logged_out) == (is_login, is_login)
