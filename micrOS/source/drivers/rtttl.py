"""Reads melodies in RTTTL, the Ring Tone Text Transfer Language.

    for freq_hz, ms in rtttl.notes('Ding:d=4,o=5,b=120:c,8e.,g6,p'):
        ...

Source: Nokia Smart Messaging specification, RTTTL; the dot stands after the octave there, many songs have it before.
Frequencies: equal temperament, A4 = 440 Hz.
"""

from micropython import const

# Hz of octave 4; E# and B# are the next white key
_TONES = {'c': 261.6, 'c#': 277.2, 'd': 293.7, 'd#': 311.1, 'e': 329.6, 'e#': 349.2, 'f': 349.2, 'f#': 370.0,
          'g': 392.0, 'g#': 415.3, 'a': 440.0, 'a#': 466.2, 'b': 493.9, 'b#': 523.3}
_ERROR = const('RTTTL input structure error. [%s]')
_WHOLE_MS = const(240000)       # a whole note at one beat per minute


def notes(song):
    """Return the notes of a song.

    Args:
        song: str, `title:defaults:notes` or `defaults:notes`; missing defaults are d=4, o=6, b=63.

    Returns:
        generator of (freq_hz, ms): int, frequency 0 is a pause.

    Raises:
        ValueError: the text has another structure, or a default is out of range.
    """
    parts = str(song).lower().split(':')
    if len(parts) < 2:
        raise ValueError(_ERROR % 'title:defaults:song')
    if len(parts) == 2 and '=' not in parts[0]:
        raise ValueError(_ERROR % 'defaults:song')
    defaults = {'d': 4, 'o': 6, 'b': 63}
    for item in parts[-2].split(','):
        name, _, value = item.partition('=')
        if value:
            defaults[name.strip()] = _number(name, value.strip())
    return _notes(parts[-1], defaults)


def _number(name, text):
    low, high = {'d': (1, 64), 'o': (1, 8), 'b': (5, 900)}.get(name.strip(), (0, 9999))
    if not text.isdigit() or not low <= int(text) <= high:
        raise ValueError('RTTTL: %s=%s is not in %d..%d' % (name, text, low, high))
    return int(text)


def _notes(text, defaults):
    for item in text.split(','):
        item = item.strip()
        if item:
            yield _note(item, defaults)


def _note(item, defaults):
    """Read [duration]letter[#][.][octave][.]"""
    tone = item.lstrip('0123456789')
    length = int(item[:len(item) - len(tone)] or defaults['d'])
    ms = _WHOLE_MS // defaults['b'] // max(length, 1)
    if '.' in tone:
        ms = ms * 3 // 2
        tone = tone.replace('.', '')
    letter = tone.rstrip('0123456789')
    octave = int(tone[len(letter):] or defaults['o'])
    hz = _TONES.get(letter.replace('h', 'b'), 0)    # unknown letters are pauses
    return int(hz * 2 ** (min(octave, 8) - 4)), ms
