*** Settings ***
Documentation       In-parameters come as variables of the environment; files in BAIGONG_ARTIFACTS are kept with the task.
Library             OperatingSystem

*** Tasks ***
Greet
    Log    Hello, %{BAIGONG_PARAM_who}!
    Create File    %{BAIGONG_ARTIFACTS}/greeting.txt    Hello, %{BAIGONG_PARAM_who}!
