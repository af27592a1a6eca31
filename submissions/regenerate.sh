#!/bin/sh
# Makes rows of the table anew: denoise, score, submit. Interrupted, the same command goes on.
#
#   submissions/regenerate.sh STORE FOLDER METHOD...
#
# STORE is the benchmark (tembench generate ptceo2-18k --out STORE); FOLDER takes the outputs (1 GB a
# method) and is not needed afterwards. Networks come with their weights; to train one anew, run
# `tembench train METHOD STORE --out FOLDER/weights/METHOD` first: those weights are then taken.
# Methods that take long for an image run on the fixed subset of the test. WORKERS sets the number
# of processes (2).
set -eu
if [ $# -lt 3 ]; then
    sed -n '2,10s/^# \{0,1\}//p' "$0"
    exit 2
fi
store=$1
folder=$2
shift 2
here=$(dirname "$0")
workers=${WORKERS:-2}
for method in "$@"; do
    case $method in
        bm3d-native | wavelet-native | gaintuning | thinning-zero-shot) part=test-subset ;;
        *) part=test ;;
    esac
    outputs=$folder/outputs/$method
    trained=$folder/weights/$method
    if [ -d "$trained" ]; then
        set -- --weights "$trained"
    else
        set --
    fi
    tembench denoise "$method" "$store" --out "$outputs" --part $part --workers "$workers" "$@"
    tembench score "$outputs" "$store" --workers "$workers"
    tembench submit "$outputs" --name "$method" --folder "$here"
done
