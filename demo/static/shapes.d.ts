// What the demo platform's own requests answer, as far as its pages show it. demo/wire/ makes these.

export interface Picture {
  url_list: string[];
}

export interface User {
  uid?: string;
  sec_uid?: string;
  nickname?: string;
  remark_name?: string;
  avatar_thumb?: Picture;
}

/** What is in `data-context` of the body. */
export interface Context {
  creator: string;
  www: string;
  im: string;
  editor: "editor-kit" | "slate" | "draft" | "unknown";
  /** It stands in every conversation until the page has another one. */
  draft: string;
  namesakeFirst: boolean;
  /** Messages stand in a micro-app: behind a shadow root, with their stores in a frame. */
  microApp: boolean;
  owner?: string;
  ownerAvatar: string;
  flash?: boolean;
  renamed?: boolean;
  /** The page has people's names already. */
  cached?: boolean;
  /** Nobody sees where the page has its messages from. */
  silent?: boolean;
}

export interface Content {
  text?: string;
  tips?: string;
  display_name?: string;
  content_title?: string;
  server_message_id?: string;
  ext_data?: { key: string; value: string; op_type: number }[];
}

/**
 * A message in the memory of a page. `place` is its ordinal in the conversation. `flightStatus`: 1 on its way, 3 sent,
 * 4 received, -2 refused or failed, -3 nobody but its sender sees it.
 */
export interface ImMessage {
  serverId: string;
  clientId: string;
  conversationId: string;
  sender: string;
  secSender: string;
  isFromMe: boolean;
  type: number;
  content: string;
  parsedContent: Content;
  createdAt: Date;
  ext: Record<string, string>;
  isRecalled: boolean;
  flightStatus: number;
  orderInConversation: Long;
  place: number;
  visible: boolean;
}

export interface Long {
  low: number;
  high: number;
  unsigned: boolean;
}

/** A conversation in the memory of a page. `type` 2 is a group. `_badgeCount`: how many are unread. */
export interface Conversation {
  id: string;
  shortId: string;
  type: number;
  isStranger: boolean;
  updatedAt: Date;
  coreInfo: { name: string };
  participantCount: number;
  firstPageParticipant: { participants: { user_id: Long; sec_uid: string; ext: object }[]; hasMore: boolean };
  secUids: string[];
  toParticipantUserId: string;
  toParticipantSecUserId: string;
  lastMessage: ImMessage | null;
  _badgeCount: number;
  isMuted: boolean;
  isPinned: boolean;
  isFolded: boolean;
}

/** `type` 31 is a comment, 33 a follow, 41 a like, 45 a mention. */
export interface Notice {
  nid_str: string;
  type: 31 | 33 | 41 | 45;
  create_time: number;
  comment?: { comment?: { user: User; text: string } };
  follow?: { user: User };
  digg?: { user: User };
  at?: { user: User };
}

/** A page of the bell's list. Times are seconds since 1970. */
export interface Notices {
  notice_list_v2?: Notice[];
  has_more: 0 | 1;
  min_time: number;
  max_time: number;
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
