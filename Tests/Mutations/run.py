#!/usr/bin/env python3
"""Puts small faults into the sources, one at a time, and says which of them the tests do not see.

    Tests/Mutations/run.py                 all modules
    Tests/Mutations/run.py Losses Tables   these
    Tests/Mutations/run.py --only 17,40    these faults, by number
    Tests/Mutations/run.py --all-tests     every test for each fault, not only those of its module
    Tests/Mutations/run.py --list          checks the lists and shows the faults

Building takes a minute or more, a test seconds. So all faults go into one copy of the package, each behind a switch, which is built once; the
environment variable TAPESTRY_MUTANT, read when the program starts, turns one of them on. Nothing of this is in the sources themselves.

A list, MODULE.txt, names the tests that ought to see its faults, and others for those that live through these. Then it says, file by
file, where each fault is and what it makes of it:

    tests LossesTests
    also TrainingTests.CachedTests
    file Sources/Losses/Pairs/ContrastiveLoss.swift
    - return ‹averages ? losses.mean() : losses.sum()›
    + losses.mean()

A line with "-" (several are joined by line breaks) stands exactly once in the file. What is in ‹…› is an expression, what is in «…» a
statement; the line with "+" says what becomes of it, an empty one that the statement is gone.

A fault is seen where a test fails, the program crashes, or it takes far longer than without.
"""
import argparse, os, re, shutil, signal, subprocess, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NEEDED_SHARE = 0.95


class Fault:
    def __init__(self, module, tests, file, context, new):
        self.module, self.stages, self.file, self.new = module, tests, file, new
        marks = [("‹", "›"), ("«", "»")]
        (begin, end) = next(pair for pair in marks if pair[0] in context)
        self.is_statement = begin == "«"
        head, rest = context.split(begin, 1)
        self.old, tail = rest.split(end, 1)
        self.head, self.context = head, head + self.old + tail
        self.number = 0
        self.outcome = None

    def patch(self):
        """What stands in the place of `old`, where the switch decides."""
        switch = f"tap_mutant({self.number})"
        if not self.is_statement:
            return f"({switch} ? ({self.new}) : ({self.old}))"
        is_c = not self.file.endswith(".swift")
        condition = f"({switch})" if is_c else switch
        return f"if {condition} {{ {self.new} }} else {{ {self.old} }}"

    def __str__(self):
        became = self.new if self.new else "(nothing)"
        return f"{self.number:4} {self.file}: {' '.join(self.old.split())}  →  {became}"


def read_list(path):
    faults, tests, file, old = [], [[], []], None, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("tests "):
            tests[0] = line.split()[1:]
        elif line.startswith("also "):
            tests[1] = line.split()[1:]
        elif line.startswith("file "):
            file = line.split()[1]
        elif line.startswith("- "):
            old.append(line[2:])
        elif line.startswith("+"):
            faults.append(Fault(path.stem, tests, file, "\n".join(old), line[2:]))
            old = []
        elif line and not line.startswith("#"):
            sys.exit(f"{path}:{number}: a line begins with tests, also, file, - or +")
    return faults


def all_faults():
    faults = [fault for path in sorted(HERE.glob("*.txt")) for fault in read_list(path)]
    for number, fault in enumerate(faults, 1):
        fault.number = number
    return faults


def patched(root, file, faults):
    """The text of a file with all of its faults, each behind its switch."""
    text = (root / file).read_text()
    spans = []
    for fault in faults:
        if text.count(fault.context) != 1:
            sys.exit(f"{file} holds {text.count(fault.context)} times, not once: {fault.context}")
        start = text.index(fault.context) + len(fault.head)
        spans.append((start, start + len(fault.old), fault))
    spans.sort(key=lambda span: span[0])
    for (_, end, one), (start, _, other) in zip(spans, spans[1:]):
        if start < end:
            sys.exit(f"{file}: two faults overlap: {one.old} and {other.old}")
    for start, end, fault in reversed(spans):
        text = text[:start] + fault.patch() + text[end:]
    if file.endswith(".swift"):
        return "import Mutants\n" + text
    return '#include "Mutants.h"\n' + text


def by_file(faults):
    files = {}
    for fault in faults:
        files.setdefault(fault.file, []).append(fault)
    return files


def write(path, text):
    """Only where something changes, so that the rest is not built again."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_copy(copy, faults):
    files = by_file(faults)
    kept = {Path(file) for file in files} | {Path("Package.swift")}
    wanted = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.splitlines()
    wanted = {Path(name) for name in wanted if (ROOT / name).is_file()}
    for folder in ("Sources", "Tests", "Experiments"):
        for path in (copy / folder).rglob("*") if (copy / folder).exists() else []:
            name = path.relative_to(copy)
            if path.is_file() and name not in wanted and name.parts[:2] != ("Sources", "Mutants"):
                path.unlink()
    for name in wanted:
        if name in kept:
            continue
        target = copy / name
        source = ROOT / name
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)
    for file, some in files.items():
        write(copy / file, patched(ROOT, file, some))
    write(copy / "Sources/Mutants/include/Mutants.h", """#ifndef TAPESTRY_MUTANTS_H
#define TAPESTRY_MUTANTS_H
#include <stdbool.h>
extern int tap_active_mutant;
static inline bool tap_mutant(int number) { return tap_active_mutant == number; }
#endif
""")
    write(copy / "Sources/Mutants/mutants.c", """#include "Mutants.h"
#include <stdlib.h>
int tap_active_mutant = 0;
__attribute__((constructor(101))) static void read_mutant(void) {
    const char *text = getenv("TAPESTRY_MUTANT");
    tap_active_mutant = text ? atoi(text) : 0;
}
""")
    package = (ROOT / "Package.swift").read_text()
    package = package.replace('.target(name: "CKernels",', '.target(name: "Mutants"),\n        .target(name: "CKernels", dependencies: ["Mutants"],')
    package = package.replace('.target(name: "Requirements"', '.target(name: "Requirements", dependencies: ["Mutants"]', 1)
    # What no list names is not built.
    unneeded = re.compile(r'^ *(experiment\("(?!OwnLoss")|tests\("(Guide|Experiments)Tests"|\.target\(name: "ExperimentSupport").*\n', re.MULTILINE)
    write(copy / "Package.swift", unneeded.sub("", package))


def build(copy):
    # Without optimization, but for the C loops: a minute instead of ten.
    command = ["swift", "build", "--build-tests", "-Xcc", "-O2"]
    log = copy / "build.log"
    with open(log, "w") as output:
        if subprocess.run(command, cwd=copy, stdout=output, stderr=subprocess.STDOUT).returncode != 0:
            sys.exit(f"the copy with the faults cannot be built; see {log}")
    return next((copy / ".build/debug").glob("*.xctest"))


def run(program, copy, filters, number, seconds):
    """'green', 'failed', 'crashed' or 'hung', as soon as one of them is certain."""
    command = [str(program), "--testing-library", "swift-testing"]
    for name in filters:
        command += ["--filter", "^" + re.escape(name) + "(?![A-Za-z0-9_])"]
    environment = dict(os.environ, TAPESTRY_MUTANT=str(number))
    process = subprocess.Popen(command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace", start_new_session=True)
    hung = threading.Event()

    def kill():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    timer = threading.Timer(seconds, lambda: (hung.set(), kill()))
    timer.start()
    outcome, ran = None, False
    for line in process.stdout:
        ran = ran or "passed after" in line
        if "recorded an issue" in line or "✘" in line:
            outcome = "failed: " + line.strip()[:160]
            kill()
            break
    code = process.wait()
    timer.cancel()
    kill()
    if outcome:
        return outcome
    if hung.is_set():
        return "hung"
    if code != 0:
        return f"crashed ({code})"
    return "green" if ran else "no test ran"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="names of lists; all when left out")
    parser.add_argument("--only", help="numbers of faults, separated by commas")
    parser.add_argument("--list", action="store_true", help="checks the lists and shows the faults")
    parser.add_argument("--all-tests", action="store_true", help="runs every test for each fault")
    parser.add_argument("--skip-build", action="store_true", help="takes the copy as it is")
    parser.add_argument("--copy", default=str(ROOT / ".build/mutants"), help="where the copy is")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) // 2), help="faults that are tried at the same time")
    parser.add_argument("--report", help="file for the report, beside the console")
    options = parser.parse_args()

    everything = all_faults()
    for file, faults in by_file(everything).items():
        patched(ROOT, file, faults)
    numbers = {int(number) for number in options.only.split(",")} if options.only else None
    chosen = [fault for fault in everything
              if (not options.modules or fault.module in options.modules) and (numbers is None or fault.number in numbers)]
    if options.list:
        print("\n".join(str(fault) for fault in chosen), f"\n{len(chosen)} faults")
        return 0

    copy = Path(options.copy)
    if not options.skip_build:
        make_copy(copy, everything)
        build(copy)
    program = next((copy / ".build/debug").glob("*.xctest"))

    every = sorted(re.findall(r'tests\("(\w+)"', (copy / "Package.swift").read_text()))
    for fault in chosen:
        fault.stages = [every] if options.all_tests else [stage for stage in fault.stages if stage]
    limits, lock = {}, threading.Lock()

    def limit(stage):
        """Seconds that a stage may take; measured without any fault, when it is first wanted."""
        with lock:
            found = limits.setdefault(tuple(stage), threading.Lock())
        with found if isinstance(found, type(lock)) else nullcontext():
            if isinstance(limits[tuple(stage)], float):
                return limits[tuple(stage)]
            start = time.monotonic()
            outcome = run(program, copy, stage, 0, 1800)
            seconds = time.monotonic() - start
            print(f"without any fault, {' '.join(stage)}: {outcome}, {seconds:.0f} s", flush=True)
            if outcome != "green":
                os._exit(2)
            limits[tuple(stage)] = 60 + 6 * seconds
            return limits[tuple(stage)]

    def attempt(fault):
        for stage in fault.stages:
            fault.outcome = run(program, copy, stage, fault.number, limit(stage))
            if fault.outcome != "green":
                break
        print(f"{fault.module:18} {'LIVED' if fault.outcome == 'green' else 'seen ':6}{fault}"
              + ("" if fault.outcome == "green" else f"\n{'':24} {fault.outcome}"), flush=True)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(attempt, chosen))

    lines = [f"{'module':20}{'faults':>7}{'seen':>7}{'lived':>7}"]
    for module in sorted({fault.module for fault in chosen}) + ["all"]:
        some = [fault for fault in chosen if module in (fault.module, "all")]
        lived = sum(fault.outcome == "green" for fault in some)
        lines.append(f"{module:20}{len(some):7}{len(some) - lived:7}{lived:7}")
    lived = [fault for fault in chosen if fault.outcome == "green"]
    lines += ["", "lived:" if lived else "none lived"] + [str(fault) for fault in lived]
    text = "\n".join(lines)
    print("\n" + text)
    if options.report:
        Path(options.report).write_text(text + "\n")
    return 0 if len(chosen) - len(lived) >= NEEDED_SHARE * len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
