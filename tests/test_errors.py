import pickle

from edm_core.errors import AudioError, EdmError, LimitError


def test_message_says_which_what_and_how():
    error = AudioError("it is empty", subject="a.mp3", remedy="export it again")
    assert str(error) == "a.mp3: it is empty; export it again"


def test_message_is_one_line():
    assert "\n" not in str(EdmError("line one\nline two", subject="x\ny"))


def test_crosses_processes_whole():
    error = pickle.loads(pickle.dumps(LimitError("too long", subject="a.wav", remedy="cut it")))
    assert type(error) is LimitError
    assert (error.problem, error.subject, error.remedy) == ("too long", "a.wav", "cut it")
