"""Holds the hub of the tests against the hub's own Python client: it lists, downloads and uploads there, and its cache is
read by the command. Not a fixture: prints a line a check, and ends with an error at the first that fails.

    swift build -c release --product HubServer
    python Tests/Reference/hub_client.py .build/release/HubServer
"""

import os
import pathlib
import subprocess
import sys
import tempfile


def main(server: str) -> None:
    process = subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    endpoint, token = process.stdout.readline().split()
    home = tempfile.mkdtemp()
    # Read when the library is imported.
    os.environ.update(HF_ENDPOINT=endpoint, HF_HOME=home, HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_OFFLINE="0")
    os.environ.pop("HF_TOKEN", None)
    try:
        check(endpoint, token, pathlib.Path(home))
    finally:
        process.stdin.close()
        process.wait()


def check(endpoint: str, token: str, home: pathlib.Path) -> None:
    from huggingface_hub import HfApi, __version__, hf_hub_download, snapshot_download
    from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    def expect(error, body) -> None:
        try:
            body()
        except error:
            return
        raise AssertionError(f"no {error.__name__}")

    def said(what: str) -> None:
        print("ok:", what)

    print("huggingface_hub", __version__, "against", endpoint)
    model = bytes(i * (i >> 3) & 255 for i in range(100_000))
    folder = pathlib.Path(snapshot_download("owner/model"))
    assert (folder / "model.safetensors").read_bytes() == model
    assert (folder / "1_Pooling/config.json").read_text() == "{}"
    assert (home / "hub/models--owner--model/refs/main").read_text() == folder.name
    said("snapshot_download with large files, pages of the listing, the cache's layout")
    path = hf_hub_download("owner/model", "config.json")
    assert pathlib.Path(path) == folder / "config.json"
    assert pathlib.Path(hf_hub_download("owner/data", "train.csv", repo_type="dataset")).read_text() == "a,b\nx,y\n"
    said("hf_hub_download of models and datasets")
    expect(EntryNotFoundError, lambda: hf_hub_download("owner/model", "nothing.json"))
    assert (home / f"hub/models--owner--model/.no_exist/{folder.name}/nothing.json").exists()
    expect(RevisionNotFoundError, lambda: hf_hub_download("owner/model", "config.json", revision="nowhere"))
    expect(RepositoryNotFoundError, lambda: hf_hub_download("owner/nothing", "config.json"))
    expect(RepositoryNotFoundError, lambda: hf_hub_download("owner/private", "secret.txt"))
    expect(GatedRepoError, lambda: hf_hub_download("owner/gated", "a.txt"))
    assert pathlib.Path(hf_hub_download("owner/private", "secret.txt", token=token)).read_text() == "secret"
    said("errors by X-Error-Code, and the token")

    api = HfApi(token=token)
    assert api.whoami()["name"] == "someone"
    assert api.create_repo("someone/pushed", private=True).repo_id == "someone/pushed"
    expect(HfHubHTTPError, lambda: api.create_repo("someone/pushed"))
    assert api.create_repo("someone/pushed", exist_ok=True).repo_id == "someone/pushed"
    said("create_repo, 409, exist_ok")
    local = home / "local"
    (local / "1_Pooling").mkdir(parents=True)
    files = {"README.md": b"---\nlicense: mit\n---\n# x\n", "1_Pooling/config.json": b"{}", "model.safetensors": model[:50_000], "big.safetensors": model * 3}
    for name, content in files.items():
        (local / name).write_bytes(content)
    info = api.upload_folder(repo_id="someone/pushed", folder_path=local, commit_message="First")
    assert info.commit_url == f"{endpoint}/someone/pushed/commit/{info.oid}"
    said("upload_folder: preupload, LFS in one piece and in parts, verify, commit")
    again = api.upload_folder(repo_id="someone/pushed", folder_path=local, commit_message="Again")
    assert again.oid == info.oid
    said("unchanged files make no commit")
    there = pathlib.Path(snapshot_download("someone/pushed", token=token, local_dir=home / "copy"))
    for name, content in files.items():
        assert (there / name).read_bytes() == content, name
    assert set(api.list_repo_files("someone/pushed")) == set(files) | {".gitattributes"}
    said("what was pushed comes back")
    api.create_branch("someone/pushed", branch="dev")
    api.create_branch("someone/pushed", branch="dev", exist_ok=True)
    api.upload_file(path_or_fileobj=b"new", path_in_repo="new.txt", repo_id="someone/pushed", revision="dev")
    assert pathlib.Path(hf_hub_download("someone/pushed", "new.txt", revision="dev", token=token)).read_bytes() == b"new"
    pull = api.upload_file(path_or_fileobj=b"pr", path_in_repo="pr.txt", repo_id="someone/pushed", create_pr=True)
    assert pull.pr_url == f"{endpoint}/someone/pushed/discussions/1"
    assert pathlib.Path(hf_hub_download("someone/pushed", "pr.txt", revision="refs/pr/1", token=token)).read_bytes() == b"pr"
    api.delete_file("new.txt", "someone/pushed", revision="dev")
    expect(EntryNotFoundError, lambda: hf_hub_download("someone/pushed", "new.txt", revision="dev", token=token))
    said("branches, pull requests, deletions")
    print("all checks passed")


if __name__ == "__main__":
    main(sys.argv[1])
