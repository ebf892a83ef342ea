from crawler.platforms.douyin.config import Config
from sync.protocol.account_config import list_keys


def test_the_hub_knows_the_keys_that_the_worker_reads_and_no_others() -> None:
    of_the_hub = {"fans_count", "count_automatic", "reply_mode", "budget", "may_move"}
    assert set(list_keys("douyin")) == {*Config.__struct_fields__, *of_the_hub}
