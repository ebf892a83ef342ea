// @ts-check
// A row of the list of conversations, on the page of messages and in the drawer.
import { draftOf } from "./drafts.js";
import { im } from "./im.js";
import { textOf } from "./im_objects.js";
import { attach, el, picture, two } from "./site.js";

/** @import {Conversation, User} from "./shapes.js" */

/**
 * @param {Conversation} talk
 * @returns {User}
 */
export function userOf(talk) {
  if (talk.type === 2) return { nickname: talk.coreInfo.name };
  return im.users.get(talk.toParticipantUserId) ?? im.users.get(talk.toParticipantSecUserId) ?? {};
}

/** @param {User} user */
export const nameOf = (user) => (user.remark_name || user.nickname || "").replaceAll(" ", "\u00a0");

/** @param {Conversation} talk */
function previewOf(talk) {
  const draft = draftOf(talk.id);
  return draft ? `[草稿] ${draft}` : textOf(talk.lastMessage);
}

/**
 * All that is seen on a row.
 * @param {Conversation} talk
 * @param {boolean} isOpen
 */
export const faceOf = (talk, isOpen) =>
  JSON.stringify([nameOf(userOf(talk)), talk._badgeCount, talk.updatedAt, isOpen, previewOf(talk)]);

/**
 * @param {Conversation} talk
 * @param {boolean} isOpen
 * @param {() => void} onclick
 */
export function makeRow(talk, isOpen, onclick) {
  const user = userOf(talk);
  const count = talk._badgeCount > 99 ? "99+" : talk._badgeCount;
  const current = isOpen ? "conversationConversationItemcurConversation" : "";
  const item = el(
    "div",
    { "data-e2e": "conversation-item", class: `conversationConversationItemwrapper ${current}` },
    el(
      "div",
      { class: "commonIMAvataravatarContainer" },
      el("img", { src: picture(user) || null, alt: "", class: "row-avatar" }),
    ),
    el(
      "div",
      { class: "conversationConversationItemrowArea2 item-content" },
      el(
        "div",
        { class: "row-head" },
        el("div", { class: "conversationConversationItemtitle" }, nameOf(user)),
        talk.isMuted ? el("i", { class: "ConversationItemTagNextToTitlemuteIcon", title: "免打扰" }, "🔕") : null,
        el("span", { class: "TagNextToTitletimeStr muted" }, clockText(talk.updatedAt)),
      ),
      el("pre", { class: "ConversationItemHinttextBox muted" }, previewOf(talk)),
    ),
    talk._badgeCount ? el("i", { class: "dot ConversationItemUnReadCountim-saas-unreadCountBadge" }, count) : null,
  );
  item.addEventListener("click", onclick);
  attach(item, { conversation: talk }, { up: 3 });
  return item;
}

/** @param {Date} date */
function clockText(date) {
  const today = new Date().toDateString() === date.toDateString();
  if (today) return `${two(date.getHours())}:${two(date.getMinutes())}`;
  return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
