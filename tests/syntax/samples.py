"""One small right program in each language: a class, a method, two functions, a loop, a branch, a call, an import."""

PROGRAMS = {
    "python": """\
import math
from os import path as p


class Shape:
    def area(self, scale=1, *rest, unit: str = "m", **more):
        return math.sqrt(scale) if scale else 0


def total(values, /, start=0, *, sign):
    for value in values:
        start += value
    return start


def double(x): return total([x, x], sign=1)
""",
    "javascript": """\
import { sqrt } from "math";

class Shape {
  area(scale = 1, ...rest) { return scale ? Math.sqrt(scale) : 0; }
}

function total(values, start) {
  for (const value of values) { start += value; }
  return start;
}

const double = (x) => total([x, x], 0);
""",
    "typescript": """\
import { sqrt } from "math";

class Shape {
  area(scale: number = 1, ...rest: number[]): number { return scale ? Math.sqrt(scale) : 0; }
}

function total(values: number[], start?: number): number {
  for (const value of values) { start += value; }
  return start;
}

const double = (x: number): number => total([x, x], 0);
""",
    "java": """\
import java.util.List;

class Shape {
  double area(double scale, int... rest) { return scale > 0 ? Math.sqrt(scale) : 0; }
  static int total(List<Integer> values, int start) {
    for (int value : values) { start += value; }
    return start;
  }
}
""",
    "go": """\
package main

import "math"

type Shape struct{ side float64 }

func (s *Shape) Area(scale, by float64) float64 {
	if scale > 0 {
		return math.Sqrt(scale)
	}
	return 0
}

func total(values []int, start int) int {
	for _, value := range values {
		start += value
	}
	return start
}
""",
    "rust": """\
use std::collections::HashMap;

struct Shape { side: f64 }

impl Shape {
    fn area(&self, scale: f64) -> f64 { if scale > 0.0 { scale.sqrt() } else { 0.0 } }
}

fn total(values: &[i32], mut start: i32) -> i32 {
    for value in values { start += value; }
    start
}
""",
    "c": """\
#include <math.h>

struct Shape { double side; };

double area(double scale, char *names[], int (*callback)(int)) { return scale > 0 ? sqrt(scale) : 0; }

int *total(int values[], int start) {
  for (int i = 0; i < 3; i++) { start += values[i]; }
  return values;
}
""",
    "cpp": """\
#include <cmath>

class Shape {
 public:
  double area(const double &scale, int by = 1) const { return scale > 0 ? std::sqrt(scale) : 0; }
  int count(int x);
};

int Shape::count(int x) { return x; }

int total(std::vector<int> values, int start) {
  for (int value : values) { start += value; }
  return start;
}
""",
}
PROGRAMS["tsx"] = PROGRAMS["typescript"] + 'const view = <p title="x">don\'t {total([1], 2)}</p>;\n'
