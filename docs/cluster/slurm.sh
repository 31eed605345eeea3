#!/bin/bash
#SBATCH --job-name=autogen
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --gpus-per-node=1
#SBATCH --time=08:00:00
#SBATCH --requeue
#SBATCH --output=autogen-%j.log
# sbatch docs/cluster/slurm.sh DATA RUN   with both in a folder that all nodes share.
# Submitted again with the same RUN, or requeued after a node's death, it goes on where it was.
set -euo pipefail
DATA=${1:?usage: sbatch slurm.sh DATA RUN}
RUN=${2:?usage: sbatch slurm.sh DATA RUN}

# Every study has a token of its own, so that nobody else's job can join its cluster.
export RAY_AUTH_MODE=token
RAY_AUTH_TOKEN=$(python -c 'import secrets; print(secrets.token_hex(32))')
export RAY_AUTH_TOKEN

HEAD=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
PORT=$((20000 + SLURM_JOB_ID % 20000))
ADDRESS=$HEAD:$PORT

srun --nodes=1 --ntasks=1 -w "$HEAD" \
    ray start --head --node-ip-address="$HEAD" --port="$PORT" --num-cpus="$SLURM_CPUS_PER_TASK" --block &
sleep 20
if [ "$SLURM_JOB_NUM_NODES" -gt 1 ]; then
    srun --nodes=$((SLURM_JOB_NUM_NODES - 1)) --ntasks=$((SLURM_JOB_NUM_NODES - 1)) --exclude="$HEAD" \
        ray start --address="$ADDRESS" --num-cpus="$SLURM_CPUS_PER_TASK" --block &
fi

# Seven of the eight hours: the rest is for the start and for what runs out at the end.
if [ -d "$RUN" ]; then
    autogen resume "$RUN" --address "$ADDRESS" --quiet
else
    autogen run "$DATA" --out "$RUN" --executor ray --address "$ADDRESS" \
        --gpus-per-trial 0.5 --storage "$RUN.checkpoints" --budget 7h --quiet
fi
