"""MQ135: resistance of the sensor, and what it says about CO2.

Source: Winsen MQ135 data sheet 1.4 (circuit, curves); the constants are the usual fits of its curves: 76.63 kOhm in
clean air, 20 degrees C and 33 %.
"""


def resistance(raw):
    """Return kOhm, with 10 kOhm to ground; raw is the share of the supply in 1/1023, and -1 the answer to 0."""
    return (1023 / raw - 1) * 10 if raw else -1


def correction(temperature, humidity):
    """Return by what the resistance is greater than at 20 degrees C and 33 %."""
    if temperature < 20:
        return 0.00035 * temperature * temperature - 0.02718 * temperature + 1.39538 - (humidity - 33) * 0.0018
    return -0.003333333 * temperature - 0.001923077 * humidity + 1.130128205


def ppm(kohm, temperature, humidity):
    """Return CO2 in ppm.

    Raises:
        ValueError: `math domain error`, the resistance is none.
    """
    if kohm <= 0:
        raise ValueError('math domain error')
    return 116.6020682 * (kohm / correction(temperature, humidity) / 76.63) ** -2.769034857
