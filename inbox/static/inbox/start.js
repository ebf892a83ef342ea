// What every page of the inbox does, whatever stands on it.
import { startBadge } from "./badge.js";
import { startBanner } from "./banner.js";
import { startDevice } from "./device.js";
import { startForms } from "./forms.js";
import { startFreshness } from "./freshness.js";
import { startLive } from "./live.js";
import { startNotices } from "./notices.js";
import { startRecovered } from "./recovered.js";
import { startSignIn } from "./signin.js";

export function startPage() {
  startBadge();
  startBanner();
  startFreshness();
  startDevice();
  startForms();
  startSignIn();
  startNotices();
  startRecovered();
  startLive();
}
