// The page of sign-in: whoever sees it has no session, so what waits on this phone is locked. It stays, and is sent when
// the same person signs in.

import { lock } from "./holder.js";
import { isPossible, thing } from "./store.js";

async function lockWhatIsThere() {
  try {
    if (isPossible() && (await thing("keys"))) await lock();
  } catch {
    // The browser stores nothing: nothing has to be locked.
  }
}

lockWhatIsThere();
