// @ts-check
// What this device keeps for itself: localStorage, one word per setting.
export const settings = {
  get letters() {
    return localStorage.getItem("letters") !== "off";
  },
  get readsByHand() {
    return localStorage.getItem("reading") === "hand";
  },
  get enterBreaks() {
    return localStorage.getItem("enter") === "break";
  },
  get sound() {
    return localStorage.getItem("sound") === "on";
  },
  get notices() {
    return localStorage.getItem("notices") === "on";
  },
  get noticeText() {
    return localStorage.getItem("notice-text") === "on";
  },
};
