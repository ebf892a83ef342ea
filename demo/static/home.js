// @ts-check
import { $, context, el } from "./site.js";

const FLASH_MS = 1500;

const main = document.querySelector("main");
if (context.flash && main) {
  const cover = el("div", { class: "center qrcode-cover" }, el("h1", {}, "扫码登录"));
  main.hidden = true;
  $("root").append(cover);
  setTimeout(() => {
    cover.remove();
    main.hidden = false;
  }, FLASH_MS);
}
