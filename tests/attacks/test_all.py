"""Every attack that the grading batch must stand, and where it is tried.

The number is that of the list of attacks; several stand together where one cannot be told from the other. Without a
memory cgroup the kernel's own memory is guessed; locks on ranges of files are counted by their list in any case.
"""

import ast

import pytest

READ = "test_secrets_and_files.py::test_no_secret_can_be_read"
WRITE = "test_secrets_and_files.py::test_nothing_outside_can_be_written"
REACH = "test_escapes.py::test_nobody_is_reached"
REFUSED = "test_escapes.py::test_it_is_refused"
KERNEL = "test_escapes.py::test_what_only_some_kernels_have_is_refused_on_all"
GREEDY = "test_memory_and_disk.py::test_memory_has_a_limit_over_all_processes"
PLACE = "test_memory_and_disk.py::test_a_place_is_full_at_its_limit"
FLOOD = "test_output.py::test_a_flood_ends_at_the_output_limit"
FLAT = "test_output.py::test_the_supervisors_own_memory_stays_small_under_floods"
CHEAT = "test_scoring.py::test_overriding_what_compares_is_worth_nothing"
HAND_MADE = "test_scoring.py::test_bundles_made_by_hand_are_read_as_plain_values_or_not_at_all"
BROUGHT = "test_scoring.py::test_what_a_file_brings_along_does_not_choose_how_it_is_run"
BAD = "test_intake.py::test_what_is_no_notebook_is_refused_in_a_sentence"
ODD = "test_intake.py::test_what_is_only_odd_is_read"
PAGES = "test_reports.py::test_no_page_of_a_hostile_batch_runs_or_fetches_anything"

ATTACKS = {
    1: [
        "the key, other submissions and the gradebook are read",
        READ,
        "test_secrets_and_files.py::test_nothing_of_the_machine_is_there",
    ],
    2: ["the environment is read", READ, "test_secrets_and_files.py::test_the_whole_environment_is_ours"],
    3: [
        "the environment of other processes is read",
        READ,
        "test_secrets_and_files.py::test_everything_that_can_be_read_is_searched_and_holds_no_canary",
    ],
    4: [
        "results, package and interpreter are written",
        WRITE,
        "test_secrets_and_files.py::test_the_own_data_can_be_read_and_not_changed",
    ],
    5: ["a shell is used to get out", REACH],
    6: [
        "the network, abstract sockets, VSOCK and packets",
        REACH,
        REFUSED,
        KERNEL,
        "test_escapes.py::test_what_root_may_do_is_refused",
    ],
    7: ["sockets of Docker and D-Bus", REACH, KERNEL],
    8: ["namespaces, mounts, traces", REFUSED, KERNEL, "test_escapes.py::test_no_right_is_left_and_none_can_be_got"],
    9: [
        "AF_ALG, io_uring, bpf, keyctl",
        REFUSED,
        KERNEL,
        "test_escapes.py::test_a_program_of_another_architecture_dies_of_its_first_call",
    ],
    10: ["an endless loop", "test_endless.py::test_what_does_not_end_is_ended_by_the_supervisors_clock"],
    11: [
        "SIGINT is ignored, exceptions are swallowed",
        "test_endless.py::test_what_does_not_end_is_ended_by_the_supervisors_clock",
    ],
    12: [
        "a daemon in a session of its own",
        "test_endless.py::test_a_daemon_outlives_a_run_only_where_there_is_no_sandbox",
    ],
    13: ["the grader itself is killed", "test_endless.py::test_nothing_outlives_a_grader_that_was_killed"],
    14: ["messages of the kernel are forged", CHEAT, "test_output.py::test_a_forged_message_is_an_output_at_most"],
    15: ["a fork bomb", "test_memory_and_disk.py::test_a_bomb_of_processes_ends_at_the_limit"],
    16: ["memory in one process", GREEDY],
    17: ["memory over many forks", GREEDY, "test_memory_and_disk.py::test_what_processes_share_counts_once"],
    18: ["the disk is filled", PLACE],
    19: ["tmp and shared memory are filled", PLACE],
    20: ["the number of files", "test_memory_and_disk.py::test_no_place_takes_files_without_end"],
    21: ["a flood of output", FLOOD, FLAT],
    22: ["one message of 300 MB", FLOOD, FLAT],
    23: ["200,000 small messages", FLOOD, FLAT, "test_output.py::test_one_update_is_not_written_a_thousand_times"],
    24: [
        "the process ends itself",
        "test_endless.py::test_a_process_that_ends_is_never_a_pass",
        "test_scoring.py::test_who_ends_the_process_before_an_answer_has_none",
    ],
    25: ["functions and builtins are overridden", CHEAT],
    26: ["an object that is equal to all", CHEAT, HAND_MADE],
    27: ["a pickle in an answer", HAND_MADE, "test_scoring.py::test_such_a_bundle_is_never_right"],
    28: [
        "frames and objects are searched",
        "test_scoring.py::test_there_is_nothing_to_find_in_the_process",
        "test_scoring.py::test_neither_key_nor_truth_nor_seed_nor_gradebook_is_among_the_modules_and_files",
    ],
    29: ["answers are typed in", "test_scoring.py::test_answers_that_were_typed_in_lose_on_the_hidden_store"],
    30: ["the clock is patched", "test_endless.py::test_what_does_not_end_is_ended_by_the_supervisors_clock"],
    31: ["the metadata name another kernel", BROUGHT],
    32: ["cells tagged to be left out", BROUGHT],
    33: ["cells tagged to be forgiven", BROUGHT],
    34: ["outputs and answers of an earlier run", BROUGHT],
    35: ["bad JSON, or a list", BAD, "test_intake.py::test_one_bad_file_of_each_kind_does_not_stop_the_batch"],
    36: ["UTF-16, or 200,000 lists in each other", BAD],
    37: ["no nbformat", BAD],
    38: ["a lone surrogate, a byte order mark", ODD],
    39: ["nbformat 3", ODD, BAD],
    40: ["500 MB", "test_intake.py::test_500_mb_are_not_even_opened"],
    41: [
        "a zip file with names that lead out, or links",
        "test_intake.py::test_a_zip_file_whose_names_lead_out_of_it_is_refused",
        "test_intake.py::test_a_name_that_is_cut_at_a_nul_is_refused",
        "test_intake.py::test_a_folder_of_hostile_zip_files_is_graded",
    ],
    42: [
        "a zip bomb",
        "test_intake.py::test_a_bomb_is_refused_before_it_is_unpacked",
        "test_intake.py::test_a_bomb_that_says_it_is_small_gives_no_more_than_it_says",
        "test_intake.py::test_a_list_of_files_that_does_not_end_is_not_read_to_its_end",
    ],
    43: [
        "names that differ by normalisation or case, reserved names",
        "test_intake.py::test_names_that_differ_by_case_or_accents_are_one_trainees_and_the_policy_is_told",
        "test_intake.py::test_two_spellings_of_one_accent_are_one_name",
        "test_intake.py::test_reserved_names_are_never_names_of_ours",
    ],
    44: [
        "line breaks and escape codes in names",
        "test_intake.py::test_escape_codes_and_line_breaks_of_names_are_shown_and_no_two_names_are_told_alike",
        "test_intake.py::test_no_command_prints_a_control_character",
        "test_intake.py::test_a_wrong_call_shows_no_control_character",
    ],
    45: [
        "links; two files of one trainee",
        "test_intake.py::test_links_are_refused_and_folders_that_are_links_not_entered",
        "test_intake.py::test_who_packs_a_file_under_anothers_name_hands_in_for_nobody",
        "test_intake.py::test_what_says_inside_that_it_is_anothers_does_not_take_the_place_of_her_file",
    ],
    46: ["scripts, handlers, frames, pictures from elsewhere", PAGES],
    47: ["refreshes, forms, imports of styles", PAGES, "test_reports.py::test_its_texts_are_there_to_read_as_they_are"],
    48: [
        "formulas in what is exported",
        "test_exports.py::test_a_text_that_a_spreadsheet_would_run_is_shown",
        "test_exports.py::test_names_that_are_formulas_are_exported_as_text",
    ],
    49: ["words to an automatic marker", "test_reports.py::test_what_speaks_to_a_marker_is_quoted_and_sets_no_mark"],
    50: [
        "a picture that is gigabytes when decoded",
        "test_output.py::test_a_picture_is_never_decoded_on_our_side",
        "test_output.py::test_no_room_of_the_grader_opens_pictures",
        "test_reports.py::test_no_page_holds_a_picture_of_a_trainees",
    ],
    51: [
        "something is left for the next run",
        "test_neighbours.py::test_the_next_run_is_bit_for_bit_as_the_first",
        "test_neighbours.py::test_the_thousandth_run_of_a_slot_is_as_the_first",
    ],
    52: [
        "the process that forks, or a neighbour, is killed or stopped",
        "test_neighbours.py::test_a_strike_does_not_reach_the_process_that_runs_are_forked_from",
        "test_neighbours.py::test_a_neighbours_run_is_unharmed_by_all_strikes",
        "test_neighbours.py::test_a_slot_whose_process_was_killed_from_outside_is_made_anew",
    ],
    53: [
        "a neighbour's memory and files are read",
        "test_neighbours.py::test_nothing_of_a_neighbour_is_seen_while_both_run",
    ],
    54: [
        "another behaviour on the hidden store",
        "test_scoring.py::test_one_that_is_right_only_where_it_knows_the_store_is_told",
        "test_scoring.py::test_a_run_knows_nothing_of_which_store_it_is_on_but_its_data",
    ],
    55: [
        "memory that no count sees",
        "test_memory_and_disk.py::test_memory_that_no_count_sees_is_refused",
        "test_memory_and_disk.py::test_buffers_of_ordinary_sockets_and_pipes_are_charged",
        "test_memory_and_disk.py::test_locks_on_ranges_of_files_have_a_limit",
        "test_memory_and_disk.py::test_files_in_memory_count_where_there_is_a_cgroup",
        GREEDY,
    ],
    56: ["limits, priority and files of the supervisor", REFUSED],
    57: [
        "the way up from the data; another's inbox",
        READ,
        "test_secrets_and_files.py::test_nothing_of_the_machine_is_there",
    ],
}


@pytest.fixture(scope="module")
def tests(house):
    """The tests that there are."""
    return {
        f"{path.name}::{one.name}"
        for path in (house / "tests" / "attacks").glob("test_*.py")
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")
    }


def test_all_57_are_tried(tests):
    assert list(ATTACKS) == list(range(1, 58))
    assert [name for _, *names in ATTACKS.values() for name in names if name not in tests] == []
    assert all(names for _, *names in ATTACKS.values())
