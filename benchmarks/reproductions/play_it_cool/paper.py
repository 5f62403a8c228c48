"""What the paper reports, with where each number is from."""

TITLE = (
    "Zhou, Liang, Chin, Marculescu: Play It Cool: Dynamic Shifting Prevents Thermal Throttling, "
    "DyNN workshop at ICML 2022, arXiv 2206.10849"
)
PHONE = "honor-v30-pro"
DURATION_S = 3600.0
T_LIM_C, G_LIM_C_PER_S = 73.0, -0.07
ACCURACIES = (0.768, 0.638)  # of 1.0× and 0.25×, as the paper estimates with (P)

MEAN_ALONE_S, MEAN_SHIFTING_S = 0.205, 0.150  # Table 1 (P)
ACCURACY_ALONE, ACCURACY_SHIFTING = 0.761, 0.695  # Table 1 (P)
CHANGE = MEAN_SHIFTING_S / MEAN_ALONE_S - 1  # (P)
LOAD_LARGE_S, LOAD_SMALL_S = 1.000, 0.997  # (P)

COOL_S, HOT_S = 0.150, 0.267  # (G)
K = 1.78  # (G)
FRACTION_THROTTLED = 0.599  # (G)
FIRST_THROTTLE_S = 602.0  # (G)
CLOSED_FORM = FRACTION_THROTTLED * (1 - 1 / K)  # (D)
#: When the large model alone was throttled (G) [s].
THROTTLED_S = (
    (602, 744), (875, 1091), (1210, 1472), (1585, 1867), (1983, 2267), (2392, 2702), (2824, 3174),
    (3290, 3600),
)  # fmt: skip
#: The CPU of the large model alone before the first throttle (G) [s, °C]; the point at 2 s lies on
#: an edge of the figure and is left out.
CPU_C = ((30, 63.0), (60, 66.9), (120, 69.6), (300, 73.1), (590, 76.4))
