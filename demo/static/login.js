// @ts-check
import { $, context, el, getJson } from "./site.js";

const BASE = `${context.creator}/passport/web`;
/** @type {Record<string, string>} */
const HINTS = {
  new: "打开「抖音 APP」扫一扫",
  scanned: "已扫码，需在手机上进行确认",
  expired: "二维码已失效，正在刷新",
};
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Show one code from its first sight to its end.
 * @returns {Promise<string | null>} where to go; null: the code expired
 */
async function showCode() {
  const { data } = await getJson(`${BASE}/get_qrcode/`);
  const image = el("img", { src: data.qrcode, alt: "二维码", "aria-label": "二维码" });
  $("animate_qrcode_container").replaceChildren(image);
  const phone = $("phone");
  phone.setAttribute("href", data.qrcode_index_url);
  phone.hidden = false;
  for (;;) {
    await pause(500);
    const answer = await getJson(`${BASE}/check_qrconnect/?token=${encodeURIComponent(data.token)}`);
    if (answer.data.status === "confirmed") return answer.data.redirect_url;
    askSecondStep(answer.data.status === "verify" ? data.token : null);
    $("hint").textContent = HINTS[answer.data.status] ?? "";
    if (answer.data.status === "expired") return null;
  }
}

/**
 * Show the second step, or hide it.
 * @param {string | null} token of the code that was confirmed
 */
function askSecondStep(token) {
  const box = $("second-step");
  if (box.hidden === (token === null)) return;
  box.hidden = token === null;
  $("second-step-send").onclick = async () => {
    const typed = /** @type {HTMLInputElement} */ ($("second-step-code")).value;
    const query = `token=${encodeURIComponent(token ?? "")}&code=${encodeURIComponent(typed)}`;
    const answer = await (await fetch(`${BASE}/verify_sms/?${query}`, { method: "POST" })).json();
    if (answer.data.error_code) $("second-step-hint").textContent = answer.data.description;
    else box.hidden = true;
  };
}

async function logIn() {
  for (;;) {
    const next = await showCode().catch(() => pause(1000));
    if (typeof next === "string") {
      location.replace(next);
      return;
    }
  }
}

/** @type {NodeListOf<HTMLElement>} */
const tabs = document.querySelectorAll("[data-tab]");
/** @type {NodeListOf<HTMLElement>} */
const panes = document.querySelectorAll("[data-pane]");
for (const tab of tabs) {
  tab.addEventListener("click", () => {
    for (const one of tabs) one.classList.toggle("on", one === tab);
    for (const pane of panes) pane.hidden = pane.dataset.pane !== tab.dataset.tab;
  });
}
logIn();
