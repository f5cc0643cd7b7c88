// Runs before the first paint, so that no page flashes in the wrong theme.
import { applyTheme, storedChoice } from "./lib/theme-choice.js";

applyTheme(storedChoice());
