from im_api.about import supported_platforms
from im_api.openapi import examples
from im_api.openapi.describe import Operation, item, page
from im_api.shapes.answers import Deleted
from im_api.shapes.logins import LoginCodeBody
from im_api.shapes.pairing import PairBody
from im_api.shapes.query_strings import AccountsQuery, CoverageQuery
from im_api.shapes.requests import AccountBody

USER = item(examples.USER)
NEW = AccountBody(user_id="shanye", platform=examples.PLATFORM, user_name="山野茶舍", alias="茶舍", color="#2F6F4E")
CHANGED = AccountBody(alias="花店主号", group="上海", status="active")
PLATFORMS = {"properties": {"platform": {"enum": supported_platforms()}}}

OPERATIONS = {
    "POST pair": Operation(
        summary="Make a computer a worker by its pairing code",
        description="`bootstrap.py worker` asks for it. The code is the credential: good for ten minutes, once; whoever"
        " sends wrong ones is answered 429 for a minute.",
        body=PairBody,
        body_example=PairBody(code="7KQ2MX"),
        answers=(item(examples.PAIRED, versions="none"),),
        errors=(404, 429),
    ),
    "GET accounts": Operation(
        summary="List the accounts that are granted to you",
        description="The newest first. The ETag leaves out `last_sync_time` and `seen_at`.",
        query=AccountsQuery,
        answers=(page("users", examples.USER, versions="some"),),
    ),
    "POST accounts": Operation(
        summary="Add an account",
        description="For the owner. `user_id` and `user_name` are needed.",
        body=AccountBody,
        body_example=NEW,
        body_rules={"required": ["user_id", "user_name"], **PLATFORMS},
        answers=(item(examples.USER, status=201),),
    ),
    "GET accounts/{id}": Operation(
        summary="Show an account",
        description="The ETag leaves out `last_sync_time` and `seen_at`.",
        answers=(USER,),
    ),
    "PUT accounts/{id}": Operation(
        summary="Change what the owner says of an account",
        description="For the owner. What the body does not name stays; what is not the owner's is ignored.",
        body=AccountBody,
        body_example=CHANGED,
        body_rules=PLATFORMS,
        answers=(USER,),
    ),
    "PATCH accounts/{id}": Operation(
        summary="Change some of what the owner says of an account",
        description="For the owner. The same as PUT.",
        body=AccountBody,
        body_example=CHANGED,
        body_rules=PLATFORMS,
        answers=(USER,),
    ),
    "DELETE accounts/{id}": Operation(
        summary="Delete an account and everything known of it",
        description="For the owner.",
        answers=(item(Deleted()),),
    ),
    "GET accounts/{id}/login": Operation(
        summary="Show how the newest login of an account stands",
        description="The push frame `login` brings the same as it changes. A login code is in no cache: `no-store`.",
        answers=(item(examples.LOGIN),),
    ),
    "POST accounts/{id}/login": Operation(
        summary="Begin to log an account in",
        description="Its worker opens the login page. One that is open goes on. 409 says what stands in the way.",
        answers=(item(examples.LOGIN),),
        errors=(409,),
    ),
    "POST accounts/{id}/login/code": Operation(
        summary="Hand in the code that the platform sent",
        description="While the state is `code_required`.",
        body=LoginCodeBody,
        body_example=LoginCodeBody(code="204918"),
        answers=(item(examples.LOGIN),),
        errors=(409,),
    ),
    "POST accounts/{id}/login/link": Operation(
        summary="Make a link with which somebody else can log the account in",
        description="For whoever holds the phone, without a sign-in: for ten minutes it shows the login code of this"
        " account to the first browser that opens it. An earlier link of the account ends.",
        answers=(item(examples.LOGIN_LINK),),
        errors=(409,),
    ),
    "POST accounts/{id}/logout": Operation(
        summary="Forget the login of an account, at the hub and at its worker",
        description="For the owner.",
        answers=(USER,),
    ),
    "GET accounts/{id}/sending": Operation(
        summary="Show how replies of the account go, and what its pace leaves",
        description="`mode` is `off` while something stands in the way (`obstacle`): `off`, the owner has not switched"
        " it on; `unable`, its worker cannot send; `paused`. By kind: how many more may go in this hour and day, and"
        " about when a reply goes that is written now. A full pace refuses nothing: replies wait.",
        answers=(item(examples.SENDING),),
    ),
    "GET accounts/{id}/coverage": Operation(
        summary="Show when the account was observed, and the gaps",
        description="By surface. A gap says whether the page was another one than we know, or nobody looked. Nothing"
        " before the first look at a surface is a gap; looks up to 15 minutes apart are one stretch.",
        query=CoverageQuery,
        answers=(item(examples.COVERAGE),),
    ),
}
