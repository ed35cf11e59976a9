greeting "$1"
cat prepared
mkdir -p output
echo done > output/result.txt
