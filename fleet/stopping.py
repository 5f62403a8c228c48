"""The one flag by which a stopping process tells its threads to finish what they hold."""

import threading

STOPPING = threading.Event()
