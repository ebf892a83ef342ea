/** What the service worker uses of its place. The types of pages and of workers cannot be had together. */
export interface Event {
  waitUntil(work: Promise<unknown>): void;
}
export interface FetchEvent extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
export interface PushEvent extends Event {
  data: { json(): unknown } | null;
}
export interface ClickEvent extends Event {
  notification: { close(): void; data: { path: string } };
}
export interface WindowOfOurs {
  focus(): Promise<unknown>;
  navigate(path: string): Promise<unknown>;
}
export interface Scope {
  addEventListener(type: "install" | "activate", listener: (event: Event) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
  clients: {
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<WindowOfOurs[]>;
    openWindow(path: string): Promise<unknown>;
  };
  registration: { showNotification(title: string, options: object): Promise<void> };
}
