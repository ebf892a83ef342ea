// What the demo platform's own requests answer, as far as its pages show it. demo/wire/ makes these.

export interface Picture {
  url_list: string[];
}

export interface User {
  uid?: string;
  sec_uid?: string;
  nickname?: string;
  avatar_thumb?: Picture;
}

/** What is in `data-context` of the body. */
export interface Context {
  creator: string;
  www: string;
  im: string;
  owner?: string;
  ownerAvatar: string;
  flash?: boolean;
  renamed?: boolean;
}

export interface Content {
  text?: string;
  display_name?: string;
  msgHint?: string;
  aweType?: number;
}

/** www holds a Date where the creator centre holds text. */
export interface Dated {
  createdAt: string | Date;
}

export interface Message extends Dated {
  serverId: string;
  content: Content;
  isFromMe: boolean;
  is_recalled?: boolean;
  avatar: string;
}

export interface LastMessage extends Dated {
  content: string | Content;
  is_recalled?: boolean;
}

/** `type` 2 is a group. `_badgeCount`: how many are unread. */
export interface Conversation {
  id: string;
  type: number;
  isStranger: boolean;
  updatedAt: string;
  coreInfo: { name: string };
  firstPageParticipant: { participants: { sec_uid: string }[] };
  toParticipantUserId: string;
  lastMessage: LastMessage | null;
  _badgeCount: number;
}

export interface Conversations {
  conversations: Conversation[];
  users?: Record<string, User>;
  has_more: boolean;
}

export interface History {
  messages: Message[];
  has_more: boolean;
}

/** What the IM socket says. `push`: the message as www keeps it for a moment. */
export interface MessagePush {
  kind: "message";
  conversation: Conversation;
  message: Message;
  push: Dated & { sender: string };
  users?: Record<string, User>;
}

export interface NoticePush {
  kind: "notice";
  notice: Notice;
  group: string;
}

export type Push = MessagePush | NoticePush;

/** `type` 31 is a comment, 33 a follow, 41 a like. */
export interface Notice {
  nid_str: string;
  type: 31 | 33 | 41;
  create_time: number;
  comment?: { comment?: { user: User; text: string } };
  follow?: { user: User };
  digg?: { user: User };
}

export interface Comment {
  cid: string;
  aweme_id: string;
  text: string;
  user: User;
  level: number;
  digg_count: number;
  reply_comment_total: number;
  reply_to_reply_id: string;
  reply_to_username?: string;
  label_text?: string;
  create_time: number;
  ip_label: string;
  stick_position: number;
  image_list?: Picture[];
}

export interface Comments {
  comments?: Comment[];
  cursor: number;
  has_more: boolean | number;
  total?: number;
}

/** A work as the picker of the comment page lists it. */
export interface PickerWork {
  item_id_plain: string;
  title: string;
  create_time: string;
  comment_count: number;
  cover_image_url: string;
}

export interface PickerWorks {
  item_info_list?: PickerWork[];
  cursor: string;
  has_more: boolean;
}

/** A work as the page of works lists it. */
export interface Work {
  desc: string;
  create_time: number;
  duration: number;
  images?: unknown[] | null;
  Cover: Picture;
  status: { is_private: boolean; is_delete: boolean };
}

export interface Works {
  aweme_list?: Work[];
  items?: { metrics?: Record<string, string | number> }[];
  max_cursor: number;
  has_more: boolean;
  total: number;
}

/** One account in the control room. */
export interface Account {
  owner: { nickname: string; short_id: string };
  sessions: number;
  counts: Record<string, number>;
  switches: Record<string, boolean | number | string>;
}
