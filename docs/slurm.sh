#!/bin/bash
#SBATCH --job-name=mammo
#SBATCH --array=1-16
#SBATCH --cpus-per-task=2
#SBATCH --mem=3G
#SBATCH --requeue
# Each task of the array predicts its part of the films, and goes on from its journal when it is
# queued again. Films and output must be seen by all machines under the same path:
#
#     job=$(sbatch --parsable docs/slurm.sh --coco DATA/test.json --image-root FILMS \
#         --output out/results.json)
#     sbatch --dependency="afterok:$job" --wrap "mammo merge out"
#
# Films that cannot be read are exit code 3; --dependency=afterany merges in spite of them.
set -euo pipefail
mammo predict "$@" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
