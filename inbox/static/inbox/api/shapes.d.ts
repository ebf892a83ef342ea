// What the hub says over its socket and its REST API, as far as the scripts use it. The OpenAPI page has all of it.

/** The number of an account's last event. `epoch`: a new one says that the numbers begin anew. */
export interface Position {
  seq: number;
  epoch: string;
}

/** Account id -> surface -> when it was last looked at, ms UTC. */
export type SeenAt = Record<string, Record<string, number>>;

export interface SubscribedFrame {
  type: "subscribed";
  accounts: Record<string, Position>;
}

/** What happened is not known any more. `initial`: the account's first snapshot. */
export interface ResetFrame extends Position {
  type: "reset";
  account: string;
  initial: boolean;
}

/** `data` is the item of that kind. Of each kind only some keys are there: all of them are optional here. */
export interface EventFrame extends Position {
  type: "event";
  account: string;
  kind: string;
  data: Item;
}

export interface FreshFrame {
  type: "fresh";
  accounts: SeenAt;
}

export interface ViewingFrame {
  type: "viewing";
  account: string;
  thread_id: string | null;
  user_name: string;
  typing?: boolean;
}

/** How the login of an account stands has changed. */
export interface LoginFrame {
  type: "login";
  account: string;
}

export interface OtherFrame {
  type: "pong" | "error";
}

export type Frame = SubscribedFrame | ResetFrame | EventFrame | FreshFrame | ViewingFrame | LoginFrame | OtherFrame;

/** A message, a comment, a notice or an inbox row, as far as a notice to the operator speaks of it. */
export interface Item {
  id?: string;
  msg_id?: string;
  content?: string | null;
  direction?: "inbound" | "outbound" | null;
  is_read?: boolean;
  is_deleted?: boolean;
  is_recalled?: boolean;
  sender?: Named | null;
  author?: Named | null;
  conversation_id?: string | null;
  parent_comment_id?: string | null;
  discussion_id?: string | null;
  thread_id?: string;
  is_muted?: boolean;
  person?: Named | null;
  reply_id?: string;
  state?: string;
  text?: string;
  by?: { name: string };
  account_id?: string;
  content_id?: string | null;
  ended_at?: number | null;
}

export interface Named {
  user_name?: string | null;
  author_name?: string | null;
}

export interface SavedReply {
  id: string;
  title: string;
  text: string;
  shared: boolean;
  account_id: string | null;
  owner_name: string;
  is_mine: boolean;
}

/** A reply that was written here. */
export interface Reply {
  reply_id: string;
  client_id: string;
  text: string;
  state: string;
}

/** The data of a refusal: our side answered since what the writer saw. `item`: a message, a comment or a reply. */
export interface AnsweredMeanwhile {
  code: string;
  item: { content?: string | null; text?: string; answered_by?: string | null; by?: { name: string } };
}

/** `complete`: false if some could not be marked in one call. */
export interface MarkedMany {
  marked_count: number;
  complete: boolean;
}

/** What is unread of an account, by kind. */
export interface Counts {
  unread_comments: number;
  unread_discussions: number;
  unread_direct_messages: number;
  unread_notifications: number;
}
