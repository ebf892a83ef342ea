// @ts-check
// A person's page: a member writes to this person in the drawer, also for the first time.
import { drawDrawer, makeDrawer, openTalk } from "./drawer.js";
import { askConversation, im, start } from "./im.js";
import { $ } from "./site.js";
import { addLive } from "./thread.js";

const NOTICE = "由于你的隐私设置，对方无法回复你的私信，你可以在抖音App修改状态";

const write = $("write");
const { uid = "", sec = "", name = "" } = write.dataset;
makeDrawer($("im-entry"));
write.addEventListener("click", async () => {
  im.users.set(uid, { uid, sec_uid: sec, nickname: name });
  const talk = await askConversation(uid);
  await openTalk(talk, talk.lastMessage ? "" : NOTICE);
});
start({ changed: drawDrawer, arrived: addLive });
