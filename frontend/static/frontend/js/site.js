// What every page needs; the plot comes with the pages that have one.

import "./elements/theme-switch.js";
import "./elements/spark-line.js";
import "./elements/fleet-feed.js";
import "./elements/copy-button.js";
import "./elements/tab-icon.js";
