"""What the unit tests may be told on the command line."""


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", default=False, help="rewrite the transcripts as they go now; read the difference")
