// @ts-check
import { startChat } from "./chat_view.js";

startChat({ www: false });
