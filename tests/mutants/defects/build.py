"""The build: compiled firmware, its index of functions, the folder that is swapped, the size report."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CACHE = "simulator/disk_cache.py"
_CACHE_TEST = "tests/unit/simulator/test_disk_cache.py"
_INDEX = "simulator/functions_index.py"
_INDEX_TEST = "tests/unit/simulator/test_functions_index.py"
_MPY = "simulator/mpy.py"
_MPY_TEST = "tests/system/test_mpy.py"
_NAMES = "simulator/short_names.py"
_NAMES_TEST = "tests/unit/simulator/test_short_names.py"
_BUILD = "toolkit/cross_compile.py"
_BUILD_TEST = "tests/unit/toolkit/test_cross_compile.py"
_SIZES = "toolkit/sizes.py"
_SIZES_TEST = "tests/unit/toolkit/test_sizes.py"

MUTANTS = (
    Mutant(
        name="compiled-file-is-found-whatever-its-name",
        file=_MPY,
        old="repr((version, name, optimize, changes))",
        new="repr((version, optimize, changes))",
        tests=(f"{_MPY_TEST}::test_compiled_file_is_kept_by_content_name_and_options",),
    ),
    Mutant(
        name="compiled-file-has-the-name-of-the-scratch-file",
        file=_MPY,
        old='[f"-O{optimize}", "-s", name]',
        new='[f"-O{optimize}"]',
        tests=(f"{_MPY_TEST}::test_bytecode_bears_the_name_by_which_it_is_imported",),
    ),
    Mutant(
        name="any-compiler-will-do",
        file=_MPY,
        old='    if not version.endswith(f"mpy {BYTECODE}"):\n',
        new="    if not version:\n",
        tests=(f"{_MPY_TEST}::test_compiler_of_other_bytecode_is_refused",),
    ),
    Mutant(
        name="main-is-compiled",
        file=_MPY,
        old='frozenset({"/boot.py", "/main.py"})',
        new='frozenset({"/boot.py"})',
        tests=(f"{_MPY_TEST}::test_core_ships_compiled_but_the_files_that_micropython_starts",),
    ),
    Mutant(
        name="broken-source-ships",
        file=_MPY,
        old='if path.endswith(".py") else b""  # source too',
        new='if _is_compiled(path, compile_modules) else b""',
        tests=(f"{_MPY_TEST}::test_source_that_ships_as_such_must_compile_too",),
    ),
    Mutant(
        name="index-of-the-sources-ships-with-compiled-modules",
        file=_MPY,
        old='for stem in stems if f"{folder}/{stem}.mpy" in shipped}\n',
        new="for stem in stems if False}\n",
        tests=(f"{_MPY_TEST}::test_help_and_argument_errors_are_those_of_the_sources",),
    ),
    Mutant(
        name="index-loses-the-brackets-of-a-default",
        file=_INDEX,
        old="        elif depth > 0:\n            parameter.append(token)\n",
        new='        elif depth > 0 and token.string not in ("(", ")"):\n            parameter.append(token)\n',
        tests=(f"{_INDEX_TEST}::test_defaults_are_as_written",),
    ),
    Mutant(
        name="scan-takes-an-escaped-backslash-for-an-escaped-quote",
        file="micrOS/source/signature_scan.py",
        old="        previous = '' if previous == '\\\\' else char\n",
        new="        previous = char\n",
        tests=(
            "tests/unit/micrOS/test_signatures.py::test_scan_finds_public_top_level_functions",
            "tests/unit/micrOS/test_signatures.py::test_index_and_scan_agree_on_tricky_source",
        ),
    ),
    Mutant(
        name="damaged-cache-entry-is-used",
        file=_CACHE,
        old="        return data if content[:_DIGEST_BYTES] == _digest(data) else None\n",
        new="        return data\n",
        tests=(
            f"{_CACHE_TEST}::test_truncated_entry_is_none",
            "tests/unit/simulator/engine/test_code.py::test_damaged_cache_file_is_made_anew",
        ),
    ),
    Mutant(
        name="cache-on-disk-grows-for-ever",
        file=_CACHE,
        old="            self._prune(self._folder)\n",
        new="",
        tests=(f"{_CACHE_TEST}::test_old_files_go_when_an_entry_is_added",),
    ),
    Mutant(
        name="pruning-deletes-what-is-not-ours",
        file=_CACHE,
        old=" if self._ours.fullmatch(entry.name)]",
        new="]",
        tests=(f"{_CACHE_TEST}::test_old_files_go_when_an_entry_is_added",),
    ),
    Mutant(
        name="cache-folder-is-searched-at-each-file",
        file=_CACHE,
        old="        self._pruned = True\n",
        new="",
        tests=("tests/unit/simulator/engine/test_code.py::test_cache_folder_is_searched_once_per_process",),
    ),
    Mutant(
        name="cache-takes-any-number-of-files",
        file=_CACHE,
        old="            if place >= _FILES or newest_s - made_s > limit_s:\n",
        new="            if newest_s - made_s > limit_s:\n",
        tests=(f"{_CACHE_TEST}::test_oldest_of_too_many_files_go",),
    ),
    Mutant(
        name="build-folder-is-emptied-first",
        file=_BUILD,
        old="    restore(target)\n    try:\n        _remove(new)\n",
        new="    restore(target)\n    try:\n        _remove(target)\n        _remove(new)\n",
        tests=(f"{_BUILD_TEST}::test_folder_stays_when_a_file_cannot_be_written",),
    ),
    Mutant(
        name="build-folder-is-lost-when-the-swap-fails",
        file=_BUILD,
        old='    except OSError as error:\n        restore(target)\n        raise ToolkitError(f"cannot write',
        new='    except OSError as error:\n        raise ToolkitError(f"cannot write',
        tests=(f"{_BUILD_TEST}::test_folder_comes_back_when_the_last_step_fails",),
    ),
    Mutant(
        name="left-over-of-a-killed-build-ships",
        file=_BUILD,
        old="    try:\n        _remove(new)\n",
        new="    try:\n",
        tests=(f"{_BUILD_TEST}::test_left_over_of_a_done_swap_goes",),
    ),
    Mutant(
        name="module-name-without-suffix-is-passed-over",
        file=_BUILD,
        old="        if not _LM_NAME.fullmatch(name):\n",
        new='        if not _LM_NAME.fullmatch(name + ".py") and not _LM_NAME.fullmatch(name):\n',
        tests=(f"{_BUILD_TEST}::test_list_takes_names_of_load_modules_only",),
    ),
    Mutant(
        name="all-is-not-passed-on",
        file="toolkit/cli.py",
        old='cross_compile.run(every_module="all" in given)',
        new="cross_compile.run()",
        tests=("tests/unit/toolkit/test_cli.py::test_cross_compile_takes_the_list_or_every_module",),
    ),
    Mutant(
        name="what-a-function-imports-counts-as-resident",
        file=_SIZES,
        old="        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):\n",
        new="        else:\n",
        tests=(
            f"{_SIZES_TEST}::test_resident_is_what_is_imported_at_the_top_of_files",
            f"{_SIZES_TEST}::test_resident_is_what_a_node_has_imported_when_it_is_up",
        ),
    ),
    Mutant(
        name="name-in-a-text-gets-short",
        file=_NAMES,
        old="            self.file.kept.update(_WORD.findall(text))\n",
        new="",
        tests=(
            f"{_NAMES_TEST}::test_name_that_something_else_may_look_for_stays",
            f"{_NAMES_TEST}::test_name_that_another_file_knows_stays",
        ),
    ),
    Mutant(
        name="name-with-a-known-beginning-gets-short",
        file=_NAMES,
        old="    kept |= {name for name in owners if name.startswith(beginnings)}\n",
        new="",
        tests=(f"{_NAMES_TEST}::test_name_that_something_else_may_look_for_stays",),
    ),
    Mutant(
        name="name-that-another-file-takes-gets-short",
        file=_NAMES,
        old="if owners[name] > 1 or name not in file.defined}",
        new="if name not in file.defined}",
        tests=(f"{_NAMES_TEST}::test_name_that_another_file_knows_stays",),
    ),
    Mutant(
        name="name-of-a-foreign-object-gets-short",
        file=_NAMES,
        old="if owners[name] > 1 or name not in file.defined}",
        new="if owners[name] > 1}",
        tests=(f"{_NAMES_TEST}::test_name_that_something_else_may_look_for_stays",),
    ),
    Mutant(
        name="heir-of-a-foreign-class-has-short-names",
        file=_NAMES,
        old=" and bases <= self._own | _BUILTIN\n",
        new="\n",
        tests=(f"{_NAMES_TEST}::test_name_that_something_else_may_look_for_stays",),
    ),
    Mutant(
        name="attributes-of-load-modules-get-short",
        file=_NAMES,
        old="            names -= file.attributes\n",
        new="            pass\n",
        tests=(f"{_NAMES_TEST}::test_methods_and_attributes_are_short_in_the_core_alone",),
    ),
    Mutant(
        name="keyword-argument-gets-short",
        file=_NAMES,
        old="    told |= set().union(*(file.keywords for file in files.values()))\n",
        new="",
        tests=(f"{_NAMES_TEST}::test_parameter_that_another_core_module_tells_stays",),
    ),
    Mutant(
        name="builtin-gets-short",
        file=_NAMES,
        old="file.parameters - told - _BUILTIN - file.global_",
        new="file.parameters - told - file.global_",
        tests=(f"{_NAMES_TEST}::test_parameters_of_private_functions_are_short_if_nobody_names_them",),
    ),
    Mutant(
        name="short-name-is-one-that-a-file-has",
        file=_NAMES,
        old=" if name not in taken]",
        new="]",
        tests=(f"{_NAMES_TEST}::test_short_names_are_none_that_a_file_has",),
    ),
    Mutant(
        name="file-that-ships-as-source-is-renamed",
        file=_NAMES,
        old="if names and file.is_closed and path in compiled:",
        new="if names and file.is_closed:",
        tests=(f"{_NAMES_TEST}::test_file_that_ships_as_source_keeps_its_names",),
    ),
    Mutant(
        name="text-is-renamed",
        file=_NAMES,
        old="token.type == tokenize.NAME and token.string in names",
        new="token.string.strip(chr(39)) in names",
        tests=(f"{_NAMES_TEST}::test_renaming_leaves_all_else_as_it_is",),
    ),
    Mutant(
        name="names-of-another-firmware-are-taken",
        file=_MPY,
        old="        maker.update(repr((path, path in compiled, hashlib.blake2b(content).digest())).encode())\n",
        new="        maker.update(path.encode())\n",
        tests=(f"{_MPY_TEST}::test_names_of_one_firmware_are_not_those_of_another",),
    ),
    Mutant(
        name="board-files-keep-long-names",
        file=_MPY,
        old="compile_source(content, path, names=chosen.get(path))",
        new="compile_source(content, path)",
        tests=(f"{_MPY_TEST}::test_firmware_ships_with_short_names",),
    ),
    Mutant(
        name="list-of-names-is-not-written",
        file=_BUILD,
        old='        new.write_text(mpy.listing(names), encoding="utf-8")\n',
        new='        new.write_text("", encoding="utf-8")\n',
        tests=("tests/system/test_cross_compile.py::test_list_tells_what_short_names_stand_for",),
    ),
)
