from reliability.cli.hanging import hang


def test_a_long_line_hangs_under_where_its_text_began_on_a_terminal(terminal):
    screen = terminal(40)
    hang("  key  ", "one two three four five six seven eight nine ten")

    assert screen.lines() == ["  key  one two three four five six seven", "       eight nine ten"]


def test_korean_hangs_by_the_cells_it_takes(terminal):
    screen = terminal(44)
    hang("가나  ", "다라마바 사아자차 카타파하 가나다라 마바사아")

    assert screen.lines() == ["가나  다라마바 사아자차 카타파하 가나다라", "      마바사아"]


def test_a_head_that_leaves_no_room_is_wrapped_with_its_text(terminal):
    screen = terminal(30)
    hang("  a long head before it: ", "one two three four five six")

    assert screen.lines() == ["  a long head before it:", "      one two three four five", "      six"]


def test_elsewhere_a_line_stays_whole(capsys):
    hang("head: ", "word " * 60 + "end")

    assert capsys.readouterr().out == "head: " + "word " * 60 + "end\n"


def test_nothing_is_an_empty_line(capsys, terminal):
    hang("")
    assert capsys.readouterr().out == "\n"

    screen = terminal(40)
    hang("")
    assert screen.lines() == [""]


def test_what_would_steer_the_terminal_is_made_plain(capsys):
    hang("a\x1b[2J", "b\u202e")

    assert capsys.readouterr().out == "a�[2Jb�\n"


def test_brackets_are_printed_as_they_are(capsys):
    hang("[bold]", "[red]x[/red]")

    assert capsys.readouterr().out == "[bold][red]x[/red]\n"
