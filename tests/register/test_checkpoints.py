from reliability.register.checkpoints import keep_checkpoint, kept_checkpoint


def test_there_is_none_before_the_first(tmp_path):
    assert kept_checkpoint(tmp_path) is None


def test_the_newest_checkpoint_is_the_one_that_is_kept(tmp_path):
    keep_checkpoint(tmp_path, b"first")
    keep_checkpoint(tmp_path, b"second")

    assert kept_checkpoint(tmp_path) == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.dsse.json"]
