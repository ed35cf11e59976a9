def greet_the_world():
    return "hello 世界"
